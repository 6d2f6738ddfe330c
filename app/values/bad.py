"""The one kind of error that the values of a cadre file raise."""


class BadValue(ValueError):
    """A value cannot be taken as it is.

    `code` is a fixed snake_case word for programs (an error list of an import), `message`
    a sentence in Chinese that tells the person what to do. Neither quotes the value: it
    may be sensitive and messages end up in logs.
    """

    def __init__(self, code: str, message: str):
        """Keep both parts; str() gives the message."""
        super().__init__(message)
        self.code = code
        self.message = message
