//! Unit and HTTP tests; each module is a file beside this one.

{{#if calls}}
mod dependencies;
{{/if}}
mod http;
mod items;
mod openapi;
mod support;
