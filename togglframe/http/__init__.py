"""HTTP: requests with a credential, a cache, a pace, retries and a quota."""
