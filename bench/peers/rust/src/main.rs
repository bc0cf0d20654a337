//! The keyed contest on timely dataflow: sums by key and minute of event time,
//! which fire when the frontier has passed their minute. It is run by the command
//! peers, whose package contest says how.

mod report;

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use hashbrown::HashMap;
use report::{Args, Sale, Totals, LATE, MINUTE};
use timely::dataflow::channels::pact::{Exchange, Pipeline};
use timely::dataflow::operators::{Capability, Operator, Probe};
use timely::dataflow::{InputHandle, ProbeHandle};
use timely::worker::Worker;

/// Events that are given between two steps of the dataflow.
const CHUNK: usize = 4096;

/// How far a worker may be ahead of the sums, in milliseconds of event time.
const AHEAD: u64 = 5_000;

fn main() {
    let args = Args::parse();
    let parts = Arc::new(report::sales(args.events, args.threads));
    args.run(|| {
        let config = match args.threads {
            1 => timely::Config::thread(),
            n => timely::Config::process(n),
        };
        let (parts, laps, span) = (parts.clone(), args.laps, report::span(args.events));
        let workers = timely::execute(config, move |worker| sum(worker, &parts, laps, span)).expect("workers start");
        let mut all = Totals::default();
        for totals in workers.join() {
            all.merge(&totals.expect("a worker ends"));
        }
        all
    });
}

/// A minute whose sums are open, and the right to send them.
struct Open {
    minute: u64,
    sums: HashMap<u64, i64>,
    right: Capability<u64>,
}

fn sum(worker: &mut Worker, parts: &[Vec<Sale>], laps: usize, span: u64) -> Totals {
    let totals = Rc::new(RefCell::new(Totals::default()));
    let adding = totals.clone();
    let mut input = InputHandle::<u64, _>::new();
    let probe = ProbeHandle::new();
    worker.dataflow(|scope| {
        input
            .to_stream(scope)
            .unary_frontier(Exchange::new(|s: &Sale| s.key), "sums", |_, _| {
                let mut open: Vec<Open> = Vec::new();
                move |(input, frontier), output| {
                    input.for_each_stamp(|stamp, data| {
                        let Some(right) = stamp.retain_least(output.output_index()) else { return };
                        let mut newest = usize::MAX;
                        for sale in data.flat_map(|d| d.drain(..)) {
                            let minute = sale.at / MINUTE;
                            if newest == usize::MAX || open[newest].minute != minute {
                                newest = open.iter().position(|o| o.minute == minute).unwrap_or_else(|| {
                                    let end = (minute + 1) * MINUTE;
                                    open.push(Open { minute, sums: HashMap::new(), right: right.delayed(&end) });
                                    open.len() - 1
                                });
                            }
                            *open[newest].sums.entry(sale.key).or_insert(0) += sale.amount;
                        }
                    });
                    let mut i = 0;
                    while i < open.len() {
                        if frontier.less_equal(open[i].right.time()) {
                            i += 1;
                            continue;
                        }
                        let done = open.swap_remove(i);
                        let mut session = output.session(&done.right);
                        for (key, sum) in done.sums {
                            session.give((key, done.minute, sum));
                        }
                    }
                }
            })
            .container::<Vec<(u64, u64, i64)>>()
            .probe_with(&probe)
            .sink(Pipeline, "totals", move |(input, _)| {
                input.for_each_stamp(|_, data| {
                    let mut totals = adding.borrow_mut();
                    for (key, minute, sum) in data.flat_map(|d| d.drain(..)) {
                        totals.add(key, minute, sum);
                    }
                });
            });
    });

    let mut high = 0;
    let mut chunk = Vec::with_capacity(CHUNK);
    for lap in 0..laps as u64 {
        for sales in parts[worker.index()].chunks(CHUNK) {
            for s in sales {
                let at = s.at + lap * span;
                high = high.max(at);
                chunk.push(Sale { at, ..*s });
            }
            input.send_batch(&mut chunk);
            chunk.clear();
            let watermark = high - LATE;
            input.advance_to(watermark.max(*input.time()));
            worker.step();
            while probe.less_than(&watermark.saturating_sub(AHEAD)) {
                worker.step_or_park(None);
            }
        }
    }
    input.close();
    while worker.step_or_park(None) {}
    totals.take()
}
