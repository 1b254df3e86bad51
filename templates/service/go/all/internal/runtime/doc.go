// Package runtime is what every service needs and nobody wants to write twice: health, metrics, logs, problems,
// shutdown, and calls to other services.
//
// Written by `apigw new service`, which brings it up to date as long as nobody edits it. Standard library only.
package runtime
