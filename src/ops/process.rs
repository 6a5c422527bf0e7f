//! What the process takes of the machine, under the names that Prometheus's own clients use.

use std::fmt;

use procfs::WithCurrentSystemInfo;
use procfs::process::{LimitValue, Process, Stat};
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;

/// Reads `/proc` at every scrape; what cannot be read is left out.
#[derive(Debug)]
pub(super) struct ProcessMetrics;

impl Collector for ProcessMetrics {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let Ok(process) = Process::myself() else { return Ok(()) };
        if let Ok(stat) = process.stat() {
            of_stat(&mut encoder, &stat)?;
        }
        if let Ok(open) = process.fd_count() {
            gauge(&mut encoder, "process_open_fds", "Open file descriptors", open as f64)?;
        }
        let limit = process.limits().map(|limits| limits.max_open_files.soft_limit);
        if let Ok(LimitValue::Value(limit)) = limit {
            gauge(
                &mut encoder,
                "process_max_fds",
                "File descriptors that may be open",
                limit as f64,
            )?;
        }
        Ok(())
    }
}

fn of_stat(encoder: &mut DescriptorEncoder<'_>, stat: &Stat) -> fmt::Result {
    let ticks = procfs::ticks_per_second() as f64;
    let counter = ConstCounter::new((stat.utime + stat.stime) as f64 / ticks);
    let (name, help) = ("process_cpu_seconds", "Processor time, user and system");
    counter.encode(encoder.encode_descriptor(name, help, None, counter.metric_type())?)?;
    if let Ok(boot) = procfs::boot_time_secs() {
        let help = "Start of the process, in seconds since 1970";
        let start = boot as f64 + stat.starttime as f64 / ticks;
        gauge(encoder, "process_start_time_seconds", help, start)?;
    }
    let resident = stat.rss_bytes().get() as f64;
    gauge(encoder, "process_resident_memory_bytes", "Resident memory", resident)?;
    gauge(encoder, "process_virtual_memory_bytes", "Virtual memory", stat.vsize as f64)?;
    gauge(encoder, "process_threads", "Threads", stat.num_threads as f64)
}

fn gauge(encoder: &mut DescriptorEncoder<'_>, name: &str, help: &str, value: f64) -> fmt::Result {
    let gauge = ConstGauge::new(value);
    gauge.encode(encoder.encode_descriptor(name, help, None, gauge.metric_type())?)
}
