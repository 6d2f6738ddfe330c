"""A sequence's province as it is asked: requests on behalf of sessions, ids by the rules' names; people who move."""

import json
from dataclasses import dataclass, field
from typing import Any

from ground import Ground, Province
from werkzeug.test import TestResponse
from written_rules import Grant


@dataclass
class Asking:
    """Asks the product, and knows ids by the rules' names."""

    ground: Ground
    made: Province
    named: dict[str, str] = field(default_factory=dict)  # id -> name

    def ask(self, method: str, path: str, who: str | None, body: Any = None) -> TestResponse:
        """A request on behalf of a session."""
        headers = {"Authorization": f"Bearer {self.made.tokens[who]}"} if who is not None else {}
        sent = {"data": json.dumps(body), "content_type": "application/json"} if body is not None else {}
        return self.ground.client.open(f"/api/v1{path}", method=method, headers=headers, **sent)

    def _named(self, name: str, answer: TestResponse, key: str = "id") -> TestResponse:
        if answer.status_code == 201:
            self.made.ids[name], self.named[answer.json[key]] = answer.json[key], name
        return answer

    def _press(self, who: str, path: str, **filled: Any) -> TestResponse:
        """A button or a form of the console; to be sent to log in or to choose a password is a refusal."""
        answer = self.ground.client.post(path, data=filled, headers={
            "Authorization": f"Bearer {self.made.tokens[who]}"})
        for door, status in (("/login", 401), ("/password", 403)):
            if answer.status_code == 303 and door in answer.headers["Location"]:
                answer.status_code = status
        if answer.status_code == 303:
            answer.status_code = 200
        return answer

    def change_right(self, who: str, account: str, grant: str, right: Grant) -> TestResponse:
        """What is left empty in the form is not sent."""
        said = {"columns": sorted(right.columns or ()), "channel": right.channel, "since": right.since,
                "until": right.until}
        return self._press(who, f"/desk/accounts/{self.made.ids[account]}/grants/{self.made.ids[grant]}/change",
                           **{name: each for name, each in said.items() if each})

    def ask_out(self, who: str, account: str, to: str, new: str) -> TestResponse:
        code = self._told("code", "units", to)
        return self._asked(new, self._press(who, f"/desk/accounts/{self.made.ids[account]}/transfer", unit_code=code,
                                            reason="工作需要"))

    def ask_in(self, who: str, to: str, account: str, named: bool, new: str) -> TestResponse:
        name = self._told("name", "accounts", account) if named else "另一个人"
        return self._asked(new, self._press(who, f"/desk/transfers/new?unit={self.made.ids[to]}", name=name,
                                            phone=self.made.rules.accounts[account].phone, reason="工作需要"))

    def answer_transfer(self, who: str, transfer: str, verdict: str) -> TestResponse:
        return self._press(who, f"/desk/transfers/{self.made.ids[transfer]}", verdict=verdict, answer="已经商定")

    def _told(self, column: str, table: str, name: str) -> Any:
        return self.ground.rows(f"SELECT {column} FROM {table} WHERE id = '{self.made.ids[name]}'")[0][0]  # noqa: S608

    def _asked(self, new: str, answer: TestResponse) -> TestResponse:
        for (row_id,) in self.ground.rows("SELECT id FROM account_transfers"):
            if row_id not in self.named:
                self.made.ids[new], self.named[row_id] = row_id, new
        return answer
