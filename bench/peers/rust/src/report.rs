//! What package contest says: arguments, events, totals and the report.

use std::time::Instant;

use serde::{Deserialize, Serialize};

pub const MINUTE: u64 = 60_000;
pub const LATE: u64 = 3_000;
const KEYS: u64 = 100_000;
const BEGIN: u64 = 1_773_478_800_000; // 2026-03-14 09:00
const VERSION: &str = "0.32.0"; // what Cargo.toml requires

#[derive(Clone, Copy, Serialize, Deserialize)]
pub struct Sale {
    pub key: u64,
    pub amount: i64,
    pub at: u64, // milliseconds since 1970
}

/// The finalizer of SplitMix64.
fn scattered(i: u64) -> u64 {
    let x = i.wrapping_mul(0x9e3779b97f4a7c15);
    let x = (x ^ x >> 30).wrapping_mul(0xbf58476d1ce4e5b9);
    let x = (x ^ x >> 27).wrapping_mul(0x94d049bb133111eb);
    x ^ x >> 31
}

/// How many milliseconds so many events last.
pub fn span(events: usize) -> u64 {
    events as u64 * 60 / 1000
}

/// The events of a lap: event i is in part i modulo parts.
pub fn sales(events: usize, parts: usize) -> Vec<Vec<Sale>> {
    let mut all: Vec<Vec<Sale>> = (0..parts).map(|_| Vec::with_capacity(events / parts + 1)).collect();
    for i in 0..events {
        let x = scattered(i as u64);
        let mut at = BEGIN + span(i);
        if x % 10 == 0 {
            at -= (x >> 20) % LATE;
        }
        all[i % parts].push(Sale { key: (x >> 8) % KEYS, amount: ((x >> 40) % 1000) as i64, at });
    }
    all
}

/// What sums come to, in whatever order they come.
#[derive(Default)]
pub struct Totals {
    panes: u64,
    sum: i64,
    mix: u64,
}

impl Totals {
    pub fn add(&mut self, key: u64, minute: u64, sum: i64) {
        self.panes += 1;
        self.sum += sum;
        self.mix = self.mix.wrapping_add((key * 31 + minute * 17 + 7).wrapping_mul(sum as u64 + 1));
    }

    pub fn merge(&mut self, other: &Totals) {
        self.panes += other.panes;
        self.sum += other.sum;
        self.mix = self.mix.wrapping_add(other.mix);
    }
}

pub struct Args {
    pub threads: usize,
    pub events: usize,
    pub laps: usize,
    jobs: usize,
}

impl Args {
    pub fn parse() -> Args {
        let mut a = Args { threads: 2, events: 8_000_000, laps: 1, jobs: 1 };
        let mut words = std::env::args().skip(1);
        while let Some(name) = words.next() {
            let value = words.next().unwrap_or_default();
            match name.as_str() {
                "--contest" if value == "keyed" => {}
                "--threads" => a.threads = number(&name, &value),
                "--events" => a.events = number(&name, &value),
                "--laps" => a.laps = number(&name, &value),
                "--jobs" => a.jobs = number(&name, &value),
                _ => refuse(&name, &value),
            }
        }
        a
    }

    /// Does the work some times over, and prints the report.
    pub fn run(&self, work: impl Fn() -> Totals) {
        let mut jobs = Vec::new();
        let mut last = Totals::default();
        for _ in 0..self.jobs {
            let (start, cpu) = (Instant::now(), processor_seconds());
            last = work();
            let wall = start.elapsed().as_secs_f64();
            jobs.push(format!(r#"{{"wall":{:.6},"cpu":{:.2}}}"#, wall, processor_seconds() - cpu));
        }
        println!(
            r#"{{"version":"{}","jobs":[{}],"events":{},"result":{{"panes":"{}","sum":"{}","mix":"{}"}}}}"#,
            VERSION, jobs.join(","), self.events * self.laps, last.panes, last.sum, last.mix
        );
    }
}

fn number(name: &str, value: &str) -> usize {
    match value.parse() {
        Ok(n) if n > 0 => n,
        _ => refuse(name, value),
    }
}

fn refuse(name: &str, value: &str) -> ! {
    eprintln!("timely: {name} {value}: there is no such argument here");
    std::process::exit(1)
}

/// What all threads have used, by Linux, in hundredths of a second.
fn processor_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let behind = stat.rsplit(')').next().unwrap_or_default();
    let ticks: Vec<f64> = behind.split_whitespace().skip(11).take(2).filter_map(|t| t.parse().ok()).collect();
    ticks.iter().sum::<f64>() / 100.0
}
