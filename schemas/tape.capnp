@0xb7f3c1a94e6d2a51;
# The wire format of the tape. `tape.md` beside this file explains every field, its unit and who writes it.
#
# Every record is a struct with a data section of exactly eight words and no pointers, so that a list of
# records is a flat array of 64-byte elements behind one tag word. Field ordinals never change meaning;
# a new kind is a new union member, a new field goes into space that tape.md lists as reserved.

struct CommandRecord {
  # One command, or one extension record behind it. Word 0 is shared by all kinds.
  extensionCount @0 :UInt8;   # extension records that follow a primary record: 0..4
  flags          @1 :UInt8;   # CommandFlag bits
  sessionId      @2 :UInt32;  # client session, for mass cancel on disconnect; 0 = none
  timeNanos      @3 :UInt64;  # UNIX time; written by the single writer (a replay supplies it)

  union {
    invalid @4 :Void;         # kind 0 is never valid: a zeroed buffer is refused

    placeOrder :group {                # kind 1
      accountId       @5  :UInt32;
      instrumentId    @6  :UInt32;
      priceTicks      @7  :Int64;      # limit price; 0 for types without one
      quantityLots    @8  :Int64;
      side            @9  :UInt8;      # Side
      orderType       @10 :UInt8;      # OrderType
      timeInForce     @11 :UInt8;      # TimeInForce
      selfTradePrevention @12 :UInt8;  # SelfTradePrevention
      instructions    @13 :UInt16;     # OrderInstruction bits
      triggerSource   @14 :UInt8;      # TriggerSource
      pegKind         @15 :UInt8;      # PegKind
      stopPriceTicks  @16 :Int64;
      displayQuantityLots @17 :Int64;  # 0 = whole quantity
    }
    amendOrder :group {                # kind 2
      accountId       @18 :UInt32;
      instrumentId    @19 :UInt32;
      orderId         @20 :UInt64;     # 0 = the order named by an originalClientOrder extension
      priceTicks      @21 :Int64;
      quantityLots    @22 :Int64;      # new total quantity (FIX OrderQty), not the leaves
      stopPriceTicks  @23 :Int64;
      displayQuantityLots @24 :Int64;
    }                                  # which fields apply: AmendFlag bits in `flags`
    cancelOrder :group {               # kind 3
      accountId       @25 :UInt32;
      instrumentId    @26 :UInt32;
      orderId         @27 :UInt64;     # 0 = the order named by an originalClientOrder extension
    }
    cancelAllOrders :group {           # kind 4
      accountId       @28 :UInt32;     # 0 = every account (operators only)
      instrumentId    @29 :UInt32;     # 0 = every instrument
      side            @30 :UInt8;      # 0 = both
      sessionFilter   @31 :UInt32;     # 0 = every session
    }
    moveCash :group {                  # kind 5: deposit or withdrawal
      accountId       @32 :UInt32;
      currencyId      @33 :UInt16;
      reason          @34 :UInt16;     # CashReason
      amountUnits     @35 :Int64;      # > 0 deposit, < 0 withdrawal
      referenceId     @36 :UInt64;     # transfer id outside, 0 = none
    }
    movePosition :group {              # kind 6: position brought in, taken out or adjusted
      accountId       @37 :UInt32;
      instrumentId    @38 :UInt32;
      quantityLots    @39 :Int64;
      costUnits       @40 :Int64;
      reason          @41 :UInt16;     # PositionReason
    }
    defineInstrument :group {          # kind 7: create, or replace the terms of an instrument without open orders
      instrumentId    @42 :UInt32;
      underlyingId    @43 :UInt32;
      unitsPerTickLot @44 :Int64;      # money units of one tick times one lot; > 0
      maxQuantityLots @45 :Int64;      # 0 = no limit
      minNotionalUnits @46 :Int64;     # 0 = no limit
      instrumentKind  @47 :UInt8;      # InstrumentKind
      initialState    @48 :UInt8;      # TradingState
      currencyId      @49 :UInt16;     # settlement currency
      makerFeePpm     @50 :Int32;      # parts per million of the notional; negative = rebate
      takerFeePpm     @51 :Int32;
      collarPpm       @52 :UInt32;     # price collar around the reference price; 0 = none
    }
    defineAccount :group {             # kind 8
      accountId       @53 :UInt32;
      groupId         @54 :UInt32;     # desk; 0 = none
      accountKind     @55 :UInt8;      # AccountKind
      initialState    @56 :UInt8;      # TradingState
      permissions     @57 :UInt16;     # AccountPermission bits
      feeSchedule     @58 :UInt32;     # 0 = the instrument's fees, 1 = no fees
    }
    setTradingState :group {           # kind 9; StateFlag bits in `flags`
      scope           @59 :UInt8;      # StateScope
      state           @60 :UInt8;      # TradingState
      reason          @61 :UInt16;     # StateReason
      targetId        @62 :UInt32;     # instrument, account or group; 0 for global
    }
    setReferencePrice :group {         # kind 10
      instrumentId    @63 :UInt32;
      source          @64 :UInt16;     # PriceSource
      purpose         @65 :UInt8;      # PricePurpose
      priceTicks      @66 :Int64;
      sourceTimeNanos @67 :UInt64;
    }
    advanceTime :group {               # kind 11: moves the engine clock; drives timers
      confirmJump     @68 :UInt8;      # 1 = an operator confirms a jump of more than 5 s
    }
    setRiskLimits :group {             # kind 12: replaces the limits of one scope; carries a riskLimits extension
      scope           @69 :UInt8;      # LimitScope
      targetId        @70 :UInt32;
      instrumentId    @71 :UInt32;     # 0 = every instrument
      version         @72 :UInt32;
    }
    setRestriction :group {            # kind 13: restricted list
      accountId       @73 :UInt32;     # 0 = every account
      instrumentId    @74 :UInt32;
      restriction     @75 :UInt8;      # Restriction
      version         @76 :UInt32;
    }
    setSession :group {                # kind 14: trading phase of an instrument, by schedule or operator
      instrumentId    @77 :UInt32;     # 0 = every instrument of the calendar
      calendarId      @78 :UInt32;
      phase           @79 :UInt8;      # TradingPhase
      reason          @80 :UInt16;     # StateReason
      untilNanos      @81 :UInt64;     # 0 = open end
    }
    settleInstrument :group {          # kind 15: cash settlement of a derivative at its expiry, of a future also before it
      instrumentId    @82 :UInt32;
      settlementPriceTicks @83 :Int64; # a future's own price; for an option the price of its underlying, in its ticks
    }
    keepAlive :group {                 # kind 16: dead-man switch of a session
      accountId       @84 :UInt32;
      deadlineNanos   @85 :UInt64;     # cancel the session's orders at this engine time; 0 = off
    }
    transferAllotment :group {         # kind 17: one leg of a two-step transfer between shards
      accountId       @86 :UInt32;
      currencyId      @87 :UInt16;
      leg             @88 :UInt8;      # AllotmentLeg
      otherShard      @89 :UInt16;
      amountUnits     @90 :Int64;
      transferId      @91 :UInt64;
    }
    setTripRule :group {               # kind 18: automatic circuit breaker
      scope           @92 :UInt8;      # StateScope
      rule            @93 :UInt8;      # TripRule
      resultingState  @94 :UInt8;      # TradingState
      targetId        @95 :UInt32;
      windowNanos     @96 :UInt64;
      threshold       @97 :Int64;      # ppm, money units or count, by rule; 0 = takes the rule away
      resultingPhase  @157 :UInt8;     # TradingPhase an instrument enters instead of a state; 0 = the state
      phaseNanos      @158 :UInt64;    # length of that phase
    }

    # Extension records. They keep word 0's shape; `extensionCount` is 0 and `timeNanos` is unused.
    clientOrder :group {               # kind 19: client order id of the command before it (FIX ClOrdID)
      text0 @98  :UInt64;              # 1..36 bytes of restricted ASCII, zero padded, little endian words
      text1 @99  :UInt64;
      text2 @100 :UInt64;
      text3 @101 :UInt64;
      text4 @102 :UInt64;
      correlationId @103 :UInt64;      # low half of the W3C trace id; 0 = none
    }
    originalClientOrder :group {       # kind 20: names the order to amend or cancel (FIX OrigClOrdID)
      text0 @104 :UInt64;
      text1 @105 :UInt64;
      text2 @106 :UInt64;
      text3 @107 :UInt64;
      text4 @108 :UInt64;
    }
    orderTerms :group {                # kind 21: terms that few orders have
      expireTimeNanos @109 :UInt64;    # GTD
      minimumQuantityLots @110 :Int64;
      trailingOffset  @111 :Int64;     # ticks or basis points, by trailingUnit
      pegOffsetTicks  @112 :Int64;
      limitOffsetTicks @113 :Int64;    # trailing stop-limit: limit behind the stop
      trailingUnit    @114 :UInt8;     # OffsetUnit
    }
    listLink :group {                  # kind 22: OCO, OTO, bracket
      listId          @115 :UInt64;    # chosen by the client, unique per account
      contingency     @116 :UInt8;     # Contingency
      legRole         @117 :UInt8;     # LegRole
      legCount        @118 :UInt8;
      legIndex        @119 :UInt8;
    }
    instrumentSymbol :group {          # kind 23: how decimals map to ticks and lots
      tickMantissa    @120 :UInt32;    # tick size = tickMantissa * 10^-tickExponent
      lotMantissa     @121 :UInt32;    # lot size  = lotMantissa  * 10^-lotExponent
      tickExponent    @122 :UInt8;
      lotExponent     @123 :UInt8;
      moneyExponent   @124 :UInt8;     # money unit = 10^-moneyExponent of the settlement currency
      text0 @125 :UInt64;              # symbol, up to 32 bytes
      text1 @126 :UInt64;
      text2 @127 :UInt64;
      text3 @128 :UInt64;
      calendarId      @156 :UInt32;    # calendar whose sessions the instrument follows; 0 = none
    }
    derivativeTerms :group {           # kind 24
      expiryNanos     @129 :UInt64;    # 0 = never (perpetual futures)
      strikeTicks     @130 :Int64;     # in ticks of the underlying
      multiplier      @131 :Int64;
      initialMarginPpm @132 :UInt32;
      maintenanceMarginPpm @133 :UInt32;
      optionKind      @134 :UInt8;     # OptionKind
      exerciseStyle   @135 :UInt8;     # ExerciseStyle
    }
    tickBand :group {                  # kind 25: tick table, up to two bands a record, ascending
      fromPriceTicks0 @136 :Int64;
      fromPriceTicks1 @137 :Int64;
      stepTicks0      @138 :UInt32;    # valid prices are multiples of this many base ticks
      stepTicks1      @139 :UInt32;
    }
    riskLimits :group {                # kind 26: 0 = no limit
      maxOrderQuantityLots @140 :Int64;
      maxOrderNotionalUnits @141 :Int64;
      maxPositionLots @142 :Int64;
      maxGrossUnits   @143 :Int64;
      maxNetUnits     @144 :Int64;
      maxDailyLossUnits @145 :Int64;
    }
    riskRates :group {                 # kind 27: 0 = no limit
      maxOpenOrders   @146 :UInt32;
      ordersPerSecond @147 :UInt32;
      burstOrders     @148 :UInt32;
      collarPpm       @149 :UInt32;
      fatFingerPpm    @150 :UInt32;
      maxPriceAgeMs   @165 :UInt32;    # oldest reference price that a collar goes by
    }
    causation :group {                 # kind 28: what made the command (an event, a signal) and under whose authority
      causationHigh   @151 :UInt64;
      causationLow    @152 :UInt64;
      authorityId     @153 :UInt64;    # user, key or service account that gave the command
      correlationHigh @154 :UInt64;    # W3C trace id
      correlationLow  @155 :UInt64;
    }
    sessionPlan :group {               # kind 29: phases that follow the one a setSession names, ascending; phase 0 = none
      atNanos0        @159 :UInt64;    # engine time at which the phase begins
      atNanos1        @160 :UInt64;    # as atNanos0, for the second phase
      atNanos2        @161 :UInt64;    # as atNanos0, for the third phase
      phase0          @162 :UInt8;     # TradingPhase
      phase1          @163 :UInt8;     # second phase
      phase2          @164 :UInt8;     # third phase
    }
  }
}

struct ReportRecord {
  # One effect or outcome, or one extension record behind it. Word 0 is shared by all kinds.
  flags          @0 :UInt8;    # ReportFlag bits: outcome, duplicate, maker side ...
  extensionCount @1 :UInt8;
  commandIndex   @2 :UInt32;   # command of this commit that caused it: number = firstCommandNumber + commandIndex

  union {
    invalid @3 :Void;

    orderState :group {                # kind 1: outcome of place, amend, cancel; and every later change that is not a trade
      orderId         @4  :UInt64;     # command number of the order's placing
      accountId       @5  :UInt32;
      instrumentId    @6  :UInt32;
      quantityLots    @7  :Int64;
      leavesQuantityLots @8 :Int64;
      cumQuantityLots @9  :Int64;
      priceTicks      @10 :Int64;
      execType        @11 :UInt8;      # ExecType
      orderStatus     @12 :UInt8;      # OrderStatus
      side            @13 :UInt8;
      orderType       @14 :UInt8;
      timeInForce     @15 :UInt8;
      reason          @16 :UInt8;      # CancelReason: why it left or changed
      instructions    @17 :UInt16;
    }
    trade :group {                     # kind 2: always followed by one tradeDetail
      tradeId         @18 :UInt64;     # counts from 1 per shard, without a gap
      instrumentId    @19 :UInt32;
      aggressorSide   @20 :UInt8;      # Side of the taker; 0 in an auction
      tradeKind       @21 :UInt8;      # TradeKind
      priceTicks      @22 :Int64;
      quantityLots    @23 :Int64;
      makerOrderId    @24 :UInt64;
      takerOrderId    @25 :UInt64;
      makerAccountId  @26 :UInt32;
      takerAccountId  @27 :UInt32;
    }
    positionChanged :group {           # kind 3: absolute values after the command, one per account and instrument touched
      accountId       @28 :UInt32;
      instrumentId    @29 :UInt32;
      quantityLots    @30 :Int64;      # signed
      reservedSellLots @31 :Int64;     # held by open sell orders
      costLow         @32 :UInt64;     # i128 cost of the open quantity in money units, signed like the quantity
      costHigh        @33 :Int64;
      realizedLow     @34 :UInt64;     # i128 realised profit since the account began, fees excluded
      realizedHigh    @35 :Int64;
    }
    balanceChanged :group {            # kind 4: absolute values after the command, one per account and currency touched
      accountId       @36 :UInt32;
      currencyId      @37 :UInt16;
      reason          @38 :UInt16;     # BalanceReason
      totalLow        @39 :UInt64;     # i128
      totalHigh       @40 :Int64;
      reservedLow     @41 :UInt64;     # i128 held for open buy orders
      reservedHigh    @42 :Int64;
      deltaUnits      @43 :Int64;      # change of the total by this command, fees included; the nearest 64-bit number where it is beyond them (total is exact)
      feeUnits        @44 :Int64;      # fees paid by this command (negative = rebate); the nearest 64-bit number where they are beyond them
    }
    bookLevel :group {                 # kind 5: absolute values after the command, one per level touched
      instrumentId    @45 :UInt32;
      orderCount      @46 :UInt32;     # visible orders
      priceTicks      @47 :Int64;
      quantityLots    @48 :Int64;      # visible quantity; 0 = the level is gone
      bookSequence    @49 :UInt64;     # counts from 1 per instrument, without a gap
      side            @50 :UInt8;
    }
    instrumentState :group {           # kind 6
      instrumentId    @51 :UInt32;
      state           @52 :UInt8;      # TradingState
      phase           @53 :UInt8;      # TradingPhase
      reason          @54 :UInt16;     # StateReason
      referencePriceTicks @55 :Int64;
      markPriceTicks  @56 :Int64;
      indicativePriceTicks @57 :Int64;
      indicativeQuantityLots @58 :Int64;
      imbalanceLots   @59 :Int64;
    }
    accountState :group {              # kind 7
      accountId       @60 :UInt32;     # 0 with scope global
      groupId         @61 :UInt32;
      scope           @62 :UInt8;      # StateScope
      state           @63 :UInt8;      # TradingState
      reason          @64 :UInt16;     # StateReason
      accountKind     @65 :UInt8;
      permissions     @66 :UInt16;
      version         @67 :UInt32;     # version of limits or restriction list
      observed        @68 :Int64;      # what tripped it
      limit           @69 :Int64;
      instrumentId    @97 :UInt32;    # with scope instrument
    }
    refusal :group {                   # kind 8: outcome of a refused command; nothing else changed
      orderId         @70 :UInt64;     # order the command named, 0 = none
      accountId       @71 :UInt32;
      instrumentId    @72 :UInt32;
      code            @73 :UInt16;     # the error-code table
      commandKind     @74 :UInt16;
      ruleVersion     @75 :UInt32;     # version of the limit or restriction that refused
      observed        @76 :Int64;      # the value that was checked
      limit           @77 :Int64;      # the bound it broke
      priceTicks      @78 :Int64;
      quantityLots    @79 :Int64;
    }
    done :group {                      # kind 9: outcome of an accepted command that is not about one order
      commandKind     @80 :UInt16;
      targetId        @81 :UInt64;
      affectedCount   @82 :UInt64;     # orders cancelled, timers fired ...
    }

    # Extension records.
    tradeDetail :group {               # kind 10: behind every trade
      makerLeavesLots @83 :Int64;
      takerLeavesLots @84 :Int64;
      makerCumLots    @85 :Int64;
      takerCumLots    @86 :Int64;
      makerFeeUnits   @87 :Int64;
      takerFeeUnits   @88 :Int64;
      notionalUnits   @89 :Int64;
    }
    orderDetail :group {               # kind 11: behind an orderState of an order with special terms
      stopPriceTicks  @90 :Int64;
      displayQuantityLots @91 :Int64;
      expireTimeNanos @92 :UInt64;
      minimumQuantityLots @93 :Int64;
      listId          @94 :UInt64;
      previousPriceTicks @95 :Int64;   # before an amend
      previousQuantityLots @96 :Int64;
    }
  }
}

struct AnswerRecord {
  # What the caller of one command is told. Not on the tape: derived from the reports, or from memory for a duplicate.
  commandNumber      @0  :UInt64;
  orderId            @1  :UInt64;
  leavesQuantityLots @2  :Int64;
  cumQuantityLots    @3  :Int64;
  cumNotionalUnits   @4  :Int64;   # sum of price x quantity of the fills in this command
  observed           @5  :Int64;   # refused: the value that was checked; accepted and about no order: the outcome's affectedCount
  limit              @6  :Int64;
  code               @7  :UInt16;  # 0 = accepted
  orderStatus        @8  :UInt8;
  execType           @9  :UInt8;
  flags              @10 :UInt8;   # AnswerFlag bits: duplicate ...
  commandKind        @11 :UInt8;
  commandIndex       @12 :UInt16;  # index in the batch that was sent
}

struct Commit {
  # One message of the tape.
  firstCommandNumber @0  :UInt64;  # number of the first command; the next number when there is none
  epoch              @1  :UInt64;
  commitNumber       @2  :UInt64;  # counts from 1 per shard, without a gap
  shard              @3  :UInt16;
  flags              @4  :UInt16;  # CommitFlag bits: epochStarted, signedHead, snapshotMark
  commandCount       @5  :UInt32;  # commands (not records) in this commit; a command that spans counts in its first part
  part               @6  :UInt32;  # 0-based part of a command that spans commits
  engineVersion      @7  :UInt32;
  lastPart           @8  :UInt8;   # 1 = every command of this commit is complete
  previousHash0      @9  :UInt64;  # BLAKE3 of the commit before
  previousHash1      @10 :UInt64;
  previousHash2      @11 :UInt64;
  previousHash3      @12 :UInt64;
  hash0              @13 :UInt64;  # BLAKE3 of this message with these four words zero
  hash1              @14 :UInt64;
  hash2              @15 :UInt64;
  hash3              @16 :UInt64;
  stateHash0         @17 :UInt64;  # state after this commit; zero when not computed for this commit
  stateHash1         @18 :UInt64;
  commands           @19 :List(CommandRecord);
  reports            @20 :List(ReportRecord);
  attachment         @21 :Data;    # signed heads; empty otherwise
}

struct CommandBatch {
  # Request on the command subject of a shard.
  ackLevel      @0 :UInt8;         # AckLevel
  flags         @1 :UInt8;         # BatchFlag bits: timeSupplied
  commandCount  @2 :UInt32;        # primary records
  deadlineNanos @3 :UInt64;        # drop unsequenced after this wall-clock time; 0 = none
  commands      @4 :List(CommandRecord);
}

struct CommandBatchAnswer {
  # Reply. `code` is not 0 when the whole batch was turned away; then nothing of it was sequenced, unless
  # the code says that the outcome is unknown.
  code               @0 :UInt16;
  ackLevel           @1 :UInt8;    # level that was reached
  shard              @2 :UInt16;
  epoch              @3 :UInt64;
  firstCommandNumber @4 :UInt64;
  lastCommandNumber  @5 :UInt64;
  streamSequence     @6 :UInt64;   # of the commit that holds the last command
  retryAfterMs       @7 :UInt32;   # with BUSY
  answers            @8 :List(AnswerRecord);
}
