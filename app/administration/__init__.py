"""第六条: units, administrators' seats, accounts and grants, each act with its right, its log entry and its message."""
