"""The AWS wire, server side: HTTP messages to parameters and results to HTTP messages.

Layer: services. botocore's service models drive all of it; nothing is written per operation.

A request passes `route` (which operation), `sigv4` and `chunked` (who sent it, unchanged),
`parse`, `validate`, the operation's function, then `serialise` or `faults`; `dispatcher` is
the one who calls them, and every carrier calls the dispatcher.
"""
