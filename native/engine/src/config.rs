//! Capacities of one engine. Memory for them is taken at start.

/// Whether accounts are checked and a ledger is kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RiskMode {
    /// Every check, reservations, fees, balances and positions.
    #[default]
    On,
    /// For matching alone. Accounts are names that own orders: nothing is reserved, charged or booked, no limit of an account is
    /// checked, no balance or position is reported. Orders that reduce a position are refused, because nobody has one, and
    /// so are movements of cash and positions. What an instrument's own terms say still holds.
    Off,
}

/// Capacities and the planted fault of one engine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// Open orders that the engine may hold; beyond them `ORDER_BOOK_FULL`. At most 2^28.
    pub max_orders: u32,
    /// Accounts (and groups) that may be defined; beyond them `TABLE_FULL`.
    pub max_accounts: u32,
    /// Instruments that may be defined; beyond them `TABLE_FULL`.
    pub max_instruments: u32,
    /// Whether accounts are checked and a ledger is kept.
    pub risk: RiskMode,
    /// Client order id whose `placeOrder` panics, to prove that a panic stays inside. `None` outside tests.
    pub fault_client_order_id: Option<[u64; 5]>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            max_orders: 1 << 20,
            max_accounts: 1 << 16,
            max_instruments: 1 << 12,
            risk: RiskMode::On,
            fault_client_order_id: None,
        }
    }
}
