//! Metrics in the text format of OpenMetrics, which Prometheus reads.

use prometheus_client::encoding::text;
use prometheus_client::registry::Registry;

use super::process::ProcessMetrics;

/// All metrics of the process. The library is that of the Prometheus project: it has no global state, so that
/// servers of one process count apart, and it reads what others count at the time of a scrape.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::default();
        registry.register_collector(Box::new(ProcessMetrics));
        Self { registry }
    }
}

impl Metrics {
    /// Media type of the text.
    pub(super) const MEDIA_TYPE: &str =
        "application/openmetrics-text; version=1.0.0; charset=utf-8";

    /// Where the server's own metrics are registered; their names begin with `parallax_`.
    pub fn server(&mut self) -> &mut Registry {
        self.registry.sub_registry_with_prefix("parallax")
    }

    /// All metrics as they are now.
    pub fn text(&self) -> String {
        let mut text = String::new();
        // Writing to a string does not fail.
        let _written = text::encode(&mut text, &self.registry);
        text
    }
}
