"""What every service needs and nobody wants to write twice: HTTP server, health, metrics, logs, shutdown, calls.

Written by `apigw new service`, which brings it up to date as long as nobody edits it. Standard library only.
"""
