//! The job, to be replaced by yours: take one piece of work, do it, return. It runs again after INTERVAL_SECONDS.
//!
//! Return an error when it cannot be done: it is logged, counted, and tried again after a growing pause. A job may be cut
//! when the process ends, so write it such that doing it twice does no harm.

use std::error::Error;
use std::sync::Arc;

{{#if calls}}
use crate::runtime::client::Client;
{{/if}}
use crate::runtime::log::Log;

pub struct Job {
    pub log: Arc<Log>,
{{#if calls}}
    pub clients: Vec<(&'static str, Client)>,
{{/if}}
}

impl Job {
    pub fn run(&mut self) -> Result<(), Box<dyn Error + Send + Sync>> {
{{#if calls}}
        for (name, client) in &self.clients {
            let status = client.get("/healthz")?.status;
            self.log.info("asked", &[("service", (*name).into()), ("status", status.into())]);
        }
{{else}}
        self.log.info("nothing to do", &[]);
{{/if}}
        Ok(())
    }
}
