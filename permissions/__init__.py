"""Who a person is and what they may do.

Accounts, log-in, roles, the table of actions and the commit point live here. The
package knows units through `tenants` and nothing of `app`.
"""
