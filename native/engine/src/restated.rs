//! Reports of orders that the engine changed by itself: `Restated`, with the reason.

use fulltape_tape::codes::{CancelReason, ExecType, OrderStatus};
use fulltape_tape::layout::{OrderDetailReport, OrderStateReport};

use crate::engine::Engine;
use crate::orders::Order;
use crate::reports::{Happening, Out, ReportSink, order_state};

impl Engine {
    /// The quantity of an order, or its place in the queue, is another.
    pub(crate) fn report_restated<S: ReportSink>(&self, order: &Order, reason: CancelReason, out: &mut Out<'_, S>) {
        out.primary(self.restated(order, reason));
    }

    /// The prices of an order are others.
    pub(crate) fn report_moved<S: ReportSink>(
        &self,
        order: &Order,
        previous_price_ticks: i64,
        reason: CancelReason,
        out: &mut Out<'_, S>,
    ) {
        out.primary(OrderStateReport {
            extension_count: 1,
            ..self.restated(order, reason)
        });
        out.extension(OrderDetailReport {
            previous_price_ticks,
            ..self.detail(order)
        });
    }

    fn restated(&self, order: &Order, reason: CancelReason) -> OrderStateReport {
        let what = Happening {
            exec_type: ExecType::Restated,
            status: if self.is_pending(order) {
                OrderStatus::PendingNew
            } else {
                order.open_status()
            },
            reason,
        };
        let ids = self.ids(order.account, order.instrument);
        order_state(order, ids, order.cum_lots(), order.leaves_lots, what)
    }
}
