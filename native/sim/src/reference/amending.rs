//! The rules of amending and cancelling.

use fulltape_tape::Record;
use fulltape_tape::codes::*;
use fulltape_tape::layout::*;

use super::checks::Wanted;
use super::orders::detail;
use super::state::{Order, Stage};
use super::{No, Reference, Verdict, extension, no};

impl Reference {
    fn target(&self, records: &[Record], account: u32, instrument: u32, id: u64) -> Result<Order, No> {
        if !self.state.accounts.contains_key(&account) {
            return Err(no(ErrorCode::UnknownAccount));
        }
        let named = if id != 0 {
            id
        } else {
            let original: &OriginalClientOrder =
                extension(records, OriginalClientOrder::KIND).ok_or(no(ErrorCode::UnknownOrder))?;
            let text = [
                original.text0,
                original.text1,
                original.text2,
                original.text3,
                original.text4,
            ];
            let memory = self
                .state
                .memory
                .get(&(account, text))
                .ok_or(no(ErrorCode::UnknownOrder))?;
            if memory.answer.code != 0 || memory.answer.order_id == 0 {
                return Err(no(ErrorCode::UnknownOrder));
            }
            memory.answer.order_id
        };
        let Some(order) = self.state.orders.iter().find(|order| order.id == named) else {
            let known = self.state.placed.contains(&named);
            let code = if known {
                ErrorCode::TooLateToCancel
            } else {
                ErrorCode::UnknownOrder
            };
            return Err(No(code, 0, 0, named));
        };
        if order.account != account {
            return Err(No(ErrorCode::AccountNotYours, 0, 0, named));
        }
        if instrument != 0 && order.instrument != instrument {
            return Err(No(ErrorCode::UnknownOrder, 0, 0, named));
        }
        Ok(order.clone())
    }

    pub(super) fn cancel(&mut self, records: &[Record]) -> Verdict {
        let cancel: &CancelOrder = records[0].view();
        let order = self.target(records, cancel.account_id, cancel.instrument_id, cancel.order_id)?;
        self.withdraw(
            order.id,
            ExecType::Canceled,
            OrderStatus::Canceled,
            CancelReason::Requested,
            true,
        );
        self.answer.order_id = order.id;
        self.answer.cum_quantity_lots = order.filled as i64;
        self.answer.order_status = OrderStatus::Canceled.number();
        self.answer.exec_type = ExecType::Canceled.number();
        Ok(())
    }

    pub(super) fn cancel_all(&mut self, records: &[Record]) -> Verdict {
        let filter: &CancelAllOrders = records[0].view();
        if filter.side > 2 {
            return Err(no(ErrorCode::InvalidArgument));
        }
        if filter.instrument_id != 0 && !self.state.instruments.contains_key(&filter.instrument_id) {
            return Err(no(ErrorCode::UnknownInstrumentId));
        }
        if filter.account_id != 0 && !self.state.accounts.contains_key(&filter.account_id) {
            return Err(no(ErrorCode::UnknownAccount));
        }
        let any = |wanted: u32, value: u32| wanted == 0 || wanted == value;
        let mut found: Vec<_> = self
            .state
            .orders
            .iter()
            .filter(|order| {
                any(filter.account_id, order.account)
                    && any(filter.instrument_id, order.instrument)
                    && any(u32::from(filter.side), u32::from(order.side.number()))
                    && any(filter.session_filter, order.session)
            })
            .map(|order| order.id)
            .collect();
        found.sort_unstable();
        self.done(CancelAllOrders::KIND, u64::from(filter.account_id), found.len() as u64);
        let reason = if filter.account_id == 0 {
            CancelReason::Operator
        } else {
            CancelReason::Requested
        };
        for id in found {
            if !self.state.orders.iter().any(|order| order.id == id) {
                continue;
            }
            self.withdraw(id, ExecType::Canceled, OrderStatus::Canceled, reason, false);
        }
        Ok(())
    }

    pub(super) fn amend(&mut self, records: &[Record]) -> Verdict {
        let amend: &AmendOrder = records[0].view();
        let old = self.target(records, amend.account_id, amend.instrument_id, amend.order_id)?;
        self.count_order(old.account, old.instrument)
            .map_err(|refusal| No(refusal.0, refusal.1, refusal.2, old.id))?;
        let about = |refusal: No| No(refusal.0, refusal.1, refusal.2, old.id);
        let waits = old.stage == Stage::Waiting;
        let stays = !old.at_market() && old.shape.1 != 3 && old.shape.1 != 4;
        let pending = old.stage == Stage::Pending;
        let triggered_later = waits || (pending && old.trigger.0 != 0);
        let stop_flag = if triggered_later { 4 } else { 0 };
        let display_flag = if stays && !old.hidden() && !old.all_or_none() {
            8
        } else {
            0
        };
        let allowed = if (triggered_later && old.trail.is_some()) || old.peg.0 != 0 {
            2
        } else {
            3 | stop_flag | display_flag
        };
        let allowed = allowed & self.leg_amendable(&old);
        if amend.flags & !allowed != 0 {
            return Err(about(no(ErrorCode::UnsupportedOrderType)));
        }
        let mut new = old.clone();
        if amend.flags & 1 != 0 {
            new.price = i128::from(amend.price_ticks);
        }
        if amend.flags & 2 != 0 {
            new.quantity = i128::from(amend.quantity_lots);
        }
        if amend.flags & 4 != 0 {
            new.trigger.1 = i128::from(amend.stop_price_ticks);
        }
        if amend.flags & 8 != 0 {
            new.display = i128::from(amend.display_quantity_lots);
        }
        let same_prices = new.price == old.price && new.trigger == old.trigger && new.display == old.display;
        if same_prices && new.quantity == old.quantity {
            return Err(about(no(ErrorCode::AmendWithoutChange)));
        }
        if new.quantity <= 0 {
            return Err(No(ErrorCode::QuantityNotPositive, new.quantity, 1, old.id));
        }
        if new.quantity <= old.filled {
            return Err(No(ErrorCode::QuantityBelowFilled, new.quantity, old.filled, old.id));
        }
        let keeps_place = same_prices && new.quantity < old.quantity;
        if !keeps_place {
            self.closed_phase(old.instrument).map_err(about)?;
        }
        if pending {
            return self.amend_pending(&old, new).map_err(about);
        }
        if !keeps_place && old.stage == Stage::Parked {
            return Err(about(no(ErrorCode::NoReferencePrice)));
        }
        let (collects, later) = if waits { (false, false) } else { self.gathered(&old) };
        let asked = new.price;
        if !keeps_place && !waits && !collects {
            new.price = self.stepped_back(&new);
        }
        if !keeps_place {
            self.check(&Wanted {
                order: &new,
                market: old.at_market(),
                rests: !waits,
                waits,
                collects,
                later,
                post_only: old.shape.2 & 1 != 0,
                fill_or_kill: false,
                collar: new.price != old.price,
                old: Some(&old),
            })
            .map_err(about)?;
        }
        let at = self
            .state
            .orders
            .iter()
            .position(|order| order.id == old.id)
            .expect("open");
        self.touch_level(&old);
        let mut report = self.state_report(
            &new,
            new.leaves(),
            ExecType::Replaced,
            new.open_status(),
            CancelReason::None,
        );
        report.extension_count = 1;
        if new.price != asked {
            report.reason = CancelReason::Repriced.number();
        }
        self.outcome(report);
        self.push(OrderDetailReport {
            previous_price_ticks: old.price as i64,
            previous_quantity_lots: old.quantity as i64,
            ..detail(&new)
        });
        let (mut value, mut ended) = (0, false);
        if keeps_place {
            new.slice = new.slice.min(new.leaves());
        }
        if keeps_place || waits {
            self.state.orders[at] = new.clone();
        } else {
            self.state.orders.remove(at);
            new.priority = self.place_in_queue();
            if !collects {
                (value, ended) = self.run(&mut new, false);
            }
            self.settle(&mut new, true, ended);
        }
        self.tell(&new, value, ExecType::Replaced, !ended);
        Ok(())
    }

    /// New prices of a leg that has not entered: it is nowhere and holds nothing, and stays so.
    fn amend_pending(&mut self, old: &Order, new: Order) -> Verdict {
        self.check_pending(&new)?;
        let (leaves, status) = (new.leaves(), OrderStatus::PendingNew);
        let mut report = self.state_report(&new, leaves, ExecType::Replaced, status, CancelReason::None);
        report.extension_count = 1;
        self.outcome(report);
        self.push(OrderDetailReport {
            previous_price_ticks: old.price as i64,
            previous_quantity_lots: old.quantity as i64,
            ..detail(&new)
        });
        self.answer.order_id = new.id;
        self.answer.leaves_quantity_lots = leaves as i64;
        self.answer.order_status = status.number();
        self.answer.exec_type = ExecType::Replaced.number();
        let same = |order: &&mut Order| order.id == old.id;
        *self.state.orders.iter_mut().find(same).expect("open") = new;
        Ok(())
    }
}
