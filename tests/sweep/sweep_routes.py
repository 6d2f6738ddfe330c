"""THE ROUTE FILE: every route and method with its rule, its end and what it aims at; a route missing here fails.

Aim: `-` nothing; `unit`, `account`, `cadre`, `record`, `draft`, `locked`, `photo`, `filing`, `nomination`, `template`,
`grant`, `opinion`, `training`, `transfer`, `request`, `seat`, `candidate`, `frozen`, `change`, `job` an object in the
path;
`province` what only the province keeps;
`?unit` a list narrowed by a query; `=unit` a unit in the query that is acted on;
`>unit_id` a place named in the body. A `+` adds a second aim in the body: the object then stays in 合德镇 and the
second one moves about.
"""

from dataclasses import dataclass

from sweep_pages import PAGES

API = """
GET    /                                                  | public                | both   | -
GET    /healthz                                           | public                | both   | -
GET    /readyz                                            | public                | both   | -
GET    /static/<path:filename>                            | public                | both   | -
GET    /api/openapi.json                                  | public                | both   | -
GET    /api/docs                                          | public                | both   | -
POST   /api/v1/sessions                                   | public                | both   | -
POST   /api/v1/sessions/second-factor                     | public                | both   | -
POST   /api/v1/sessions/current/proof                     | signed in             | both   | -
GET    /api/v1/me/second-factor                           | signed in             | both   | -
POST   /api/v1/me/second-factor                           | signed in             | both   | -
DELETE /api/v1/me/second-factor                           | signed in             | both   | -
POST   /api/v1/me/second-factor/confirm                   | signed in             | both   | -
POST   /api/v1/me/second-factor/recovery-codes            | signed in             | both   | -
DELETE /api/v1/accounts/<account_id>/second-factor        | update account        | pc     | account
DELETE /api/v1/sessions/current                           | before change         | both   | -
GET    /api/v1/me                                         | before change         | both   | -
PUT    /api/v1/me/password                                | before change         | both   | -
GET    /api/v1/me/sessions                                | signed in             | both   | -
POST   /api/v1/me/sessions/end                            | signed in             | both   | -
GET    /api/v1/me/posts                                   | signed in             | both   | -
PUT    /api/v1/me/post                                    | signed in             | both   | -
GET    /api/v1/me/phone-change                            | signed in             | both   | -
POST   /api/v1/me/phone-change                            | signed in             | both   | -
DELETE /api/v1/me/phone-change                            | signed in             | both   | -
POST   /api/v1/accounts/<account_id>/phone-change         | update account        | pc     | account
GET    /api/v1/phone-changes                              | update account        | both   | -
POST   /api/v1/phone-changes/<request_id>/accept          | update account        | pc     | request
POST   /api/v1/phone-changes/<request_id>/refuse          | update account        | pc     | request
GET    /api/v1/me/cadre                                   | own file              | both   | -
GET    /api/v1/me/contact                                 | own file              | both   | -
GET    /api/v1/me/services                                | own file              | both   | -
GET    /api/v1/me/opinions                                | own opinion           | both   | -
POST   /api/v1/me/opinions                                | own opinion           | both   | -
POST   /api/v1/me/opinions/seen                           | own opinion           | both   | -
GET    /api/v1/units                                      | read unit             | both   | ?parent
POST   /api/v1/units                                      | open unit             | pc     | >parent_id
GET    /api/v1/units/<unit_id>                            | read unit             | both   | unit
PATCH  /api/v1/units/<unit_id>                            | update unit           | pc     | unit
POST   /api/v1/units/<unit_id>/move                       | move unit             | pc     | unit
POST   /api/v1/units/<unit_id>/move                       | move unit             | pc     | unit+parent_id
GET    /api/v1/units/<unit_id>/move-preview               | move unit             | pc     | unit
POST   /api/v1/units/<unit_id>/close                      | close unit            | pc     | unit
POST   /api/v1/units/<unit_id>/close                      | close unit            | pc     | unit+successor_id
POST   /api/v1/units/<unit_id>/merge                      | open unit             | pc     | unit+unit_ids
POST   /api/v1/units/<unit_id>/split                      | move unit             | pc     | unit
GET    /api/v1/units/<unit_id>/merge-preview              | open unit             | pc     | unit
POST   /api/v1/unit-changes                               | update unit           | pc     | >unit_id
GET    /api/v1/unit-changes                               | read administrators   | both   | ?unit
GET    /api/v1/unit-changes/<change_id>                   | read administrators   | both   | change
POST   /api/v1/unit-changes/<change_id>/cancel            | update unit           | pc     | change
GET    /api/v1/units/<unit_id>/administrators             | read administrators   | both   | unit
POST   /api/v1/units/<unit_id>/administrators             | appoint administrator | pc     | unit
DELETE /api/v1/units/<unit_id>/administrators/<account_id>| remove administrator  | pc     | seat
POST   /api/v1/units/<unit_id>/administrators/<account_id>/replace | remove administrator | pc | seat
POST   /api/v1/accounts/<account_id>/hand-over            | give grant            | pc     | account
GET    /api/v1/filings                                    | read filing           | both   | ?unit
POST   /api/v1/filings/<filing_id>/acknowledge            | acknowledge filing    | pc     | filing
GET    /api/v1/nominations                                | read nomination       | both   | ?unit
POST   /api/v1/units/<unit_id>/nominations                | nominate administrator | pc    | unit
POST   /api/v1/nominations/<nomination_id>/seat           | appoint administrator | pc     | nomination
POST   /api/v1/nominations/<nomination_id>/refuse         | appoint administrator | pc     | nomination
POST   /api/v1/nominations/<nomination_id>/withdraw       | nominate administrator | pc    | nomination
GET    /api/v1/accounts                                   | read account          | both   | ?unit
POST   /api/v1/accounts                                   | open account          | pc     | >unit_id
GET    /api/v1/accounts/<account_id>                      | read account          | both   | account
PATCH  /api/v1/accounts/<account_id>                      | update account        | pc     | account
POST   /api/v1/accounts/<account_id>/suspend              | update account        | pc     | account
POST   /api/v1/accounts/<account_id>/reactivate           | update account        | pc     | account
POST   /api/v1/accounts/<account_id>/resend               | update account        | pc     | account
POST   /api/v1/accounts/<account_id>/close                | update account        | pc     | account
POST   /api/v1/accounts/<account_id>/sign-out             | update account        | pc     | account
GET    /api/v1/accounts/<account_id>/trainings            | read account          | both   | account
POST   /api/v1/accounts/<account_id>/trainings            | update account        | pc     | account
DELETE /api/v1/accounts/<account_id>/trainings/<training_id> | update account     | pc     | training
POST   /api/v1/accounts/<account_id>/trainings/<training_id>/proof | update account | pc | training
GET    /api/v1/accounts/<account_id>/trainings/<training_id>/proof | read account | both | training
GET    /api/v1/commitments/unsigned                       | read account          | both   | ?unit
GET    /api/v1/me/commitment                              | signed in             | both   | -
POST   /api/v1/me/commitment                              | signed in             | both   | -
GET    /api/v1/accounts/<account_id>/grants               | read grant            | both   | account
POST   /api/v1/accounts/<account_id>/grants               | give grant            | pc     | account
POST   /api/v1/accounts/<account_id>/grants               | give grant            | pc     | account+unit_id
PATCH  /api/v1/accounts/<account_id>/grants/<grant_id>    | give grant            | pc     | grant
DELETE /api/v1/accounts/<account_id>/grants/<grant_id>    | take grant            | pc     | grant
POST   /api/v1/accounts/<account_id>/grants/<grant_id>/freeze | take grant        | pc     | grant
POST   /api/v1/accounts/<account_id>/grants/<grant_id>/thaw | give grant          | pc     | grant
GET    /api/v1/accounts/<account_id>/explain              | read grant            | both   | account
GET    /api/v1/role-templates                             | read grant            | both   | =unit
POST   /api/v1/role-templates                             | give grant            | pc     | >unit_id
GET    /api/v1/role-templates/<template_id>               | read grant            | both   | template
PATCH  /api/v1/role-templates/<template_id>               | give grant            | pc     | template
POST   /api/v1/role-templates/<template_id>/withdraw      | give grant            | pc     | template
GET    /api/v1/cadres                                     | read cadre            | both   | ?unit
POST   /api/v1/cadres                                     | create cadre          | pc     | >unit_id
GET    /api/v1/cadres/import-template                     | import cadres         | pc     | -
POST   /api/v1/cadres/import                              | import cadres         | pc     | >unit_id
POST   /api/v1/cadres/export                              | export cadres         | pc     | ?unit
POST   /api/v1/records/<module_key>/export                | export records        | pc     | ?unit
GET    /api/v1/jobs/<job_id>/file                         | signed in             | pc     | job
POST   /api/v1/jobs/<job_id>/cancel                       | signed in             | pc     | job
GET    /api/v1/jobs/<job_id>                              | signed in             | pc     | job
GET    /api/v1/jobs/<job_id>/error-file                   | import cadres         | pc     | job
GET    /api/v1/cadres/<cadre_id>                          | read cadre            | both   | cadre
PATCH  /api/v1/cadres/<cadre_id>                          | update cadre          | pc     | cadre
GET    /api/v1/opinions                                   | read opinion          | both   | ?unit
GET    /api/v1/opinions/<opinion_id>                      | read opinion          | both   | opinion
POST   /api/v1/opinions/<opinion_id>/answer               | answer opinion        | both   | opinion
GET    /api/v1/records/<module_key>                       | read record           | both   | ?unit
POST   /api/v1/records/<module_key>                       | create record         | both   | >unit_id
GET    /api/v1/records/<module_key>/<record_id>           | read record           | both   | record
PATCH  /api/v1/records/<module_key>/<record_id>           | update record         | both   | record
DELETE /api/v1/records/<module_key>/<record_id>           | delete record         | both   | record
POST   /api/v1/records/<module_key>/<record_id>/submit    | update record         | both   | draft
POST   /api/v1/records/<module_key>/<record_id>/attachments | update record       | both   | record
POST   /api/v1/records/<module_key>/<record_id>/confirm   | confirm record        | both   | record
POST   /api/v1/records/<module_key>/<record_id>/return    | confirm record        | both   | record
POST   /api/v1/records/<module_key>/<record_id>/extension | extend record         | both   | draft
POST   /api/v1/records/<module_key>/<record_id>/extension/decline | extend record | both   | draft
POST   /api/v1/records/<module_key>/<record_id>/extension/ask | update record     | both   | draft
POST   /api/v1/records/<module_key>/<record_id>/reopen    | reopen record         | both   | locked
GET    /api/v1/records/<module_key>/<record_id>/rulings   | read record           | both   | record
GET    /api/v1/oversight                                  | oversee records       | both   | ?unit
GET    /api/v1/attachments/<attachment_id>                | read record           | both   | photo
GET    /api/v1/deadlines/explain                          | explain deadline      | both   | =unit
GET    /api/v1/rules                                      | explain deadline      | both   | =unit
GET    /api/v1/reports/timeliness                         | read report           | both   | =unit
GET    /api/v1/reports/timeliness.xlsx                    | read report           | both   | =unit
POST   /api/v1/reports/frozen                             | freeze report         | pc     | >unit_id
GET    /api/v1/reports/frozen                             | list frozen           | both   | ?unit
GET    /api/v1/reports/frozen/<report_id>                 | read frozen           | both   | frozen
GET    /api/v1/reports/frozen/<report_id>/file            | read frozen           | both   | frozen
GET    /api/v1/audit                                      | read log              | pc     | ?unit
"""


@dataclass(frozen=True)
class Row:
    """One line of the route file."""

    method: str
    path: str
    act: str
    end: str
    aim: str
    second: str = ""

    @property
    def of_records(self) -> bool:
        return "<module_key>" in self.path

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}" + (f" +{self.second}" if self.second else "")

    @property
    def is_page(self) -> bool:
        return not self.path.startswith("/api/")


def _row(line: str) -> Row:
    route, act, end, aim = (part.strip() for part in line.split("|"))
    method, path = route.split(maxsplit=1)
    aim, _plus, second = aim.partition("+")
    return Row(method, path, act, end, aim, second)


ROWS = tuple(_row(line) for line in (API + PAGES).splitlines() if line.strip())
