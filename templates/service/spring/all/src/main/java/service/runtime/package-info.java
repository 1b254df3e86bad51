/**
 * What every service needs and nobody wants to write twice: health, metrics, logs, problems, shutdown, and calls to other
 * services.
 *
 * <p>Written by `apigw new service`, which brings it up to date as long as nobody edits it.
 */
package service.runtime;
