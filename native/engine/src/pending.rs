//! Legs that wait for their list, or for the fills of their entry: what is looked at when one comes in or is amended. All
//! other checks run when it enters.

use fulltape_tape::codes::{CancelReason, ExecType, OrderStatus, OrderType};
use fulltape_tape::layout::OrderDetailReport;

use crate::amend::NewTerms;
use crate::checks::{Proposal, check_shape};
use crate::engine::Engine;
use crate::explain::Step;
use crate::orders::Order;
use crate::reports::{Happening, Out, Refusal, ReportSink, order_state};

impl Engine {
    /// Whether an order waits for a trigger, or will once its list lets it enter.
    pub(crate) fn has_trigger(&self, order: &Order) -> bool {
        self.orders.is_waiting(order)
            || (self.is_pending(order) && self.orders.specials.get(order.special).trigger_source != 0)
    }

    /// The shape of a leg that waits, its size and its notional. What follows from the market that it meets is left out.
    pub(crate) fn check_pending<S: ReportSink>(
        &self,
        order: &Proposal,
        trails: bool,
        out: &mut Out<'_, S>,
    ) -> Result<(), Refusal> {
        let priced = if trails {
            Proposal {
                order_type: OrderType::Market,
                waits: order.waits && order.stop_ticks != 0,
                ..*order
            }
        } else {
            *order
        };
        check_shape(&priced, out)?;
        let uncollared = Proposal {
            collared: false,
            ..priced
        };
        let limited = self.is_limited(order.account, order.instrument);
        let bounds = self.bounds_for::<S>(order);
        self.check_limits(&uncollared, self.accounts.get(order.account), limited, bounds, out)
    }

    /// Gives a leg that waits for its list or its entry new prices. It is in no book and holds nothing.
    pub(crate) fn replace_pending<S: ReportSink>(
        &mut self,
        index: u32,
        terms: NewTerms,
        out: &mut Out<'_, S>,
    ) -> Result<(), Refusal> {
        let before = *self.orders.get(index);
        let proposal = Proposal {
            price_ticks: terms.price_ticks,
            stop_ticks: terms.stop_ticks,
            waits: self.has_trigger(&before),
            display_lots: terms.display_lots,
            ..Proposal::of(&before)
        };
        out.note(|| proposal.note(before.id, Step::Amended));
        self.check_pending(&proposal, false, out)?;
        self.orders.get_mut(index).price_ticks = terms.price_ticks;
        let special = self.orders.special_mut(index);
        special.stop_ticks = terms.stop_ticks;
        special.display_lots = terms.display_lots;
        let order = *self.orders.get(index);
        let what = Happening {
            exec_type: ExecType::Replaced,
            status: OrderStatus::PendingNew,
            reason: CancelReason::None,
        };
        let ids = self.ids(order.account, order.instrument);
        let mut report = order_state(&order, ids, 0, order.leaves_lots, what);
        report.extension_count = 1;
        out.outcome(report);
        out.extension(OrderDetailReport {
            previous_price_ticks: before.price_ticks,
            previous_quantity_lots: before.quantity_lots,
            ..self.detail(&order)
        });
        self.answer.order_id = order.id;
        self.answer.leaves_quantity_lots = order.leaves_lots;
        self.answer.order_status = OrderStatus::PendingNew.number();
        self.answer.exec_type = ExecType::Replaced.number();
        Ok(())
    }
}
