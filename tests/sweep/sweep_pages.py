"""The pages' part of the route file; the same columns as in `sweep_routes`."""

PAGES = """
GET    /login                                                  | public                | both   | -
POST   /login                                                  | public                | both   | -
GET    /login/second                                           | public                | both   | -
POST   /login/second                                           | public                | both   | -
GET    /second-factor                                          | signed in             | both   | -
POST   /second-factor/begin                                    | signed in             | both   | -
POST   /second-factor/confirm                                  | signed in             | both   | -
POST   /second-factor/recovery                                 | signed in             | both   | -
POST   /second-factor/give-up                                  | signed in             | both   | -
GET    /desk/accounts/<account_id>/second-factor               | update account        | pc     | account
POST   /desk/accounts/<account_id>/second-factor               | update account        | pc     | account
POST   /logout                                                 | before change         | both   | -
GET    /password                                               | before change         | both   | -
POST   /password                                               | before change         | both   | -
GET    /devices                                                | signed in             | both   | -
POST   /devices/mine                                           | signed in             | both   | -
POST   /devices/end                                            | signed in             | both   | -
POST   /devices/others                                         | signed in             | both   | -
GET    /commitment                                             | signed in             | both   | -
POST   /commitment                                             | signed in             | both   | -
GET    /desk/accounts/<account_id>/file                        | read account          | pc     | account
POST   /desk/accounts/<account_id>/trainings                   | update account        | pc     | account
POST   /desk/accounts/<account_id>/trainings/<training_id>     | update account        | pc     | training
GET    /desk/accounts/<account_id>/trainings/<training_id>/proof | update account     | pc     | training
POST   /desk/accounts/<account_id>/trainings/<training_id>/proof | update account     | pc     | training
GET    /desk/accounts/<account_id>/trainings/<training_id>/proof/file | read account  | pc     | training
GET    /desk/commitments                                       | read account          | pc     | ?unit
POST   /desk/commitments/export                                | read account          | pc     | -
POST   /post                                                   | signed in             | both   | -
GET    /phone                                                  | signed in             | both   | -
POST   /phone                                                  | signed in             | both   | -
POST   /phone/withdraw                                         | signed in             | both   | -
GET    /desk/phone-changes                                     | update account        | pc     | -
GET    /desk/phone-changes/<request_id>                        | update account        | pc     | request
POST   /desk/phone-changes/<request_id>                        | update account        | pc     | request
GET    /desk/accounts/<account_id>/phone                       | update account        | pc     | account
POST   /desk/accounts/<account_id>/phone                       | update account        | pc     | account
GET    /desk/                                                  | signed in             | pc     | -
GET    /desk/accounts                                          | read account          | pc     | ?unit
GET    /desk/accounts/units                                    | give grant            | pc     | -
GET    /desk/accounts/open-staff                               | open account          | pc     | =unit
POST   /desk/accounts/open-staff                               | open account          | pc     | =unit
GET    /desk/accounts/open-cadre                               | open account          | pc     | =unit
POST   /desk/accounts/open-cadre                               | open account          | pc     | =unit
GET    /desk/accounts/<account_id>                             | read account          | pc     | account
GET    /desk/accounts/<account_id>/log                         | read log              | pc     | account
GET    /desk/accounts/<account_id>/life                        | read account          | pc     | account
GET    /desk/accounts/<account_id>/<any(leave, retire):what>   | update account        | pc     | account
POST   /desk/accounts/<account_id>/<any(leave, retire):what>   | update account        | pc     | account
POST   /desk/accounts/<account_id>/keep                        | update account        | pc     | account
GET    /desk/accounts/dormant                                  | read account          | pc     | -
GET    /desk/accounts/<account_id>/transfer                    | update account        | pc     | account
POST   /desk/accounts/<account_id>/transfer                    | update account        | pc     | account
GET    /desk/transfers                                         | open account          | pc     | -
GET    /desk/transfers/new                                     | open account          | pc     | =unit
POST   /desk/transfers/new                                     | open account          | pc     | =unit
GET    /desk/transfers/<transfer_id>                           | open account          | pc     | transfer
POST   /desk/transfers/<transfer_id>                           | open account          | pc     | transfer
GET    /desk/accounts/<account_id>/hand-over                   | give grant            | pc     | account
POST   /desk/accounts/<account_id>/hand-over                   | give grant            | pc     | account
GET    /desk/accounts/<account_id>/edit                        | update account        | pc     | account
POST   /desk/accounts/<account_id>/edit                        | update account        | pc     | account
POST   /desk/accounts/<account_id>/switch                      | update account        | pc     | account
GET    /desk/accounts/<account_id>/<any(suspend, reactivate, resend, sign_out, close):what>|update account|pc|account
POST   /desk/accounts/<account_id>/<any(suspend, reactivate, resend, sign_out, close):what>|update account|pc|account
GET    /desk/accounts/<account_id>/grants/give                 | give grant            | pc     | account
POST   /desk/accounts/<account_id>/grants/give                 | give grant            | pc     | account
POST   /desk/accounts/<account_id>/grants/give                 | give grant            | pc     | account+unit_id
GET    /desk/accounts/<account_id>/grants/<grant_id>/take      | take grant            | pc     | grant
POST   /desk/accounts/<account_id>/grants/<grant_id>/take      | take grant            | pc     | grant
GET    /desk/accounts/<account_id>/rights                      | read grant            | pc     | account
GET    /desk/accounts/<account_id>/grants/<grant_id>/change    | give grant            | pc     | grant
POST   /desk/accounts/<account_id>/grants/<grant_id>/change    | give grant            | pc     | grant
GET    /desk/accounts/<account_id>/grants/<grant_id>/<any(freeze, thaw):what> | take grant | pc | grant
POST   /desk/accounts/<account_id>/grants/<grant_id>/<any(freeze, thaw):what> | take grant | pc | grant
GET    /desk/templates                                         | read grant            | pc     | =unit
GET    /desk/templates/new                                     | give grant            | pc     | =unit
POST   /desk/templates/new                                     | give grant            | pc     | =unit
GET    /desk/templates/<template_id>                           | give grant            | pc     | template
POST   /desk/templates/<template_id>                           | give grant            | pc     | template
GET    /desk/templates/<template_id>/withdraw                  | give grant            | pc     | template
POST   /desk/templates/<template_id>/withdraw                  | give grant            | pc     | template
GET    /desk/why                                               | read grant            | pc     | -
GET    /desk/units/<unit_id>/columns                           | read grant            | pc     | unit
GET    /desk/cadres                                            | read cadre            | pc     | ?unit
GET    /desk/cadres/new                                        | create cadre          | pc     | =unit
POST   /desk/cadres/new                                        | create cadre          | pc     | >unit_id
GET    /desk/cadres/export                                     | export cadres         | pc     | ?unit
POST   /desk/cadres/export                                     | export cadres         | pc     | ?unit
GET    /desk/records/<module_key>/export                       | export records        | pc     | ?unit
POST   /desk/records/<module_key>/export                       | export records        | pc     | ?unit
GET    /desk/jobs                                              | signed in             | pc     | -
POST   /desk/jobs/<job_id>/again                               | signed in             | pc     | job
GET    /desk/exports/<job_id>                                  | signed in             | pc     | job
GET    /desk/exports/<job_id>/progress                         | signed in             | pc     | job
GET    /desk/exports/<job_id>/file                             | signed in             | pc     | job
POST   /desk/exports/<job_id>/cancel                           | signed in             | pc     | job
GET    /desk/cadres/import                                     | import cadres         | pc     | =unit
POST   /desk/cadres/import                                     | import cadres         | pc     | >unit_id
GET    /desk/cadres/import/template                            | import cadres         | pc     | -
GET    /desk/cadres/import/<job_id>                            | import cadres         | pc     | job
GET    /desk/cadres/import/<job_id>/progress                   | import cadres         | pc     | job
GET    /desk/cadres/import/<job_id>/errors.xlsx                | import cadres         | pc     | job
POST   /desk/cadres/import/<job_id>/confirm                    | import cadres         | pc     | job
GET    /desk/cadres/<cadre_id>                                 | read cadre            | pc     | cadre
GET    /desk/cadres/<cadre_id>/edit                            | update cadre          | pc     | cadre
POST   /desk/cadres/<cadre_id>/edit                            | update cadre          | pc     | cadre
GET    /desk/cadres/<cadre_id>/unmask                          | unmask cadre          | pc     | cadre
POST   /desk/cadres/<cadre_id>/unmask                          | unmask cadre          | pc     | cadre
GET    /desk/pick/cadres                                       | read cadre            | pc     | =unit
GET    /desk/calendar                                          | explain deadline      | pc     | -
GET    /desk/calendar/edit                                     | update calendar       | pc     | province
POST   /desk/calendar/edit                                     | update calendar       | pc     | province
POST   /desk/calendar/confirm                                  | update calendar       | pc     | province
GET    /desk/calendar/progress                                 | explain deadline      | pc     | -
GET    /desk/deadline                                          | explain deadline      | pc     | =unit
GET    /desk/filings                                           | read filing           | pc     | ?unit
GET    /desk/filings/<filing_id>/acknowledge                   | acknowledge filing    | pc     | filing
POST   /desk/filings/<filing_id>/acknowledge                   | acknowledge filing    | pc     | filing
GET    /desk/log                                               | read log              | pc     | ?unit
GET    /desk/opinions                                          | read opinion          | pc     | ?unit
GET    /desk/opinions/<opinion_id>                             | read opinion          | pc     | opinion
POST   /desk/opinions/<opinion_id>/answer                      | answer opinion        | pc     | opinion
GET    /desk/defects                                           | read administrators   | pc     | ?unit
GET    /desk/nominations                                       | read nomination       | pc     | ?unit
GET    /desk/nominations/<nomination_id>/<any(seat, refuse):what> | appoint administrator | pc  | nomination
POST   /desk/nominations/<nomination_id>/<any(seat, refuse):what> | appoint administrator | pc  | nomination
GET    /desk/nominations/<nomination_id>/withdraw              | nominate administrator | pc    | nomination
POST   /desk/nominations/<nomination_id>/withdraw              | nominate administrator | pc    | nomination
GET    /desk/units/<unit_id>/nominate                          | nominate administrator | pc    | unit
GET    /desk/units/<unit_id>/nominate/<account_id>             | nominate administrator | pc    | candidate
POST   /desk/units/<unit_id>/nominate/<account_id>             | nominate administrator | pc    | candidate
GET    /desk/oversight                                         | oversee records       | pc     | ?unit
GET    /desk/photos/<attachment_id>                            | read record           | pc     | photo
GET    /desk/reports/timeliness                                | read report           | pc     | =unit
GET    /desk/unit-changes                                      | read administrators   | pc     | ?unit
GET    /desk/unit-changes/<change_id>                          | read administrators   | pc     | change
POST   /desk/unit-changes/<change_id>/cancel                   | update unit           | pc     | change
GET    /desk/reports/freeze                                    | freeze report         | pc     | =unit
POST   /desk/reports/freeze                                    | freeze report         | pc     | =unit
GET    /desk/reports/frozen                                    | list frozen           | pc     | ?unit
GET    /desk/reports/frozen/<report_id>                        | read frozen           | pc     | frozen
GET    /desk/reports/frozen/<report_id>/file                   | read frozen           | pc     | frozen
GET    /desk/reports/timeliness.xlsx                           | read report           | pc     | =unit
GET    /desk/records/<module_key>                              | read record           | pc     | ?unit
GET    /desk/records/<module_key>/due                          | explain deadline      | pc     | =unit
GET    /desk/records/<module_key>/new                          | create record         | pc     | =unit
POST   /desk/records/<module_key>/new                          | create record         | pc     | >unit_id
GET    /desk/records/<module_key>/<record_id>                  | read record           | pc     | record
GET    /desk/records/<module_key>/<record_id>/edit             | update record         | pc     | record
POST   /desk/records/<module_key>/<record_id>/edit             | update record         | pc     | record
GET    /desk/records/<module_key>/<record_id>/delete           | delete record         | pc     | record
POST   /desk/records/<module_key>/<record_id>/delete           | delete record         | pc     | record
GET    /desk/records/<module_key>/<record_id>/history          | read log              | pc     | record
POST   /desk/records/<module_key>/<record_id>/photos           | update record         | pc     | record
POST   /desk/records/<module_key>/<record_id>/reason           | update record         | pc     | record
POST   /desk/records/<module_key>/<record_id>/submit           | update record         | pc     | draft
POST   /desk/records/<module_key>/<record_id>/extension        | extend record         | pc     | draft
POST   /desk/records/<module_key>/<record_id>/extension/ask    | update record         | pc     | draft
POST   /desk/records/<module_key>/<record_id>/reopen           | reopen record         | pc     | locked
POST   /desk/records/<module_key>/<record_id>/ruling           | confirm record        | pc     | record
GET    /desk/rules                                             | explain deadline      | pc     | =unit
POST   /desk/tellings                                          | signed in             | pc     | -
GET    /desk/todo                                              | signed in             | pc     | -
POST   /desk/todo/read                                         | signed in             | pc     | -
POST   /desk/todo/sms                                          | signed in             | pc     | -
GET    /desk/units                                             | read unit             | pc     | -
GET    /desk/units/tree                                        | read unit             | pc     | ?parent
GET    /desk/units/<unit_id>                                   | read unit             | pc     | unit
GET    /desk/units/past                                        | read unit             | pc     | ?unit
GET    /desk/units/<unit_id>/history                           | read unit             | pc     | unit
GET    /desk/units/<unit_id>/below                             | read unit             | pc     | unit
GET    /desk/units/<unit_id>/people                            | read account          | pc     | unit
GET    /desk/units/<unit_id>/filings                           | read filing           | pc     | unit
GET    /desk/units/<unit_id>/log                               | read log              | pc     | unit
GET    /desk/units/<unit_id>/administrators                    | read administrators   | pc     | unit
GET    /desk/units/<unit_id>/administrators/<account_id>/remove| remove administrator  | pc     | seat
POST   /desk/units/<unit_id>/administrators/<account_id>/remove| remove administrator  | pc     | seat
GET    /desk/units/<unit_id>/administrators/<account_id>/replace | remove administrator | pc   | seat
POST   /desk/units/<unit_id>/administrators/<account_id>/replace | remove administrator | pc   | seat
GET    /desk/units/<unit_id>/appoint                           | appoint administrator | pc     | unit
GET    /desk/units/<unit_id>/appoint/<account_id>              | appoint administrator | pc     | candidate
POST   /desk/units/<unit_id>/appoint/<account_id>              | appoint administrator | pc     | candidate
GET    /desk/units/<unit_id>/rules/<kind_key>                  | explain deadline      | pc     | unit
POST   /desk/units/<unit_id>/rules/<kind_key>                  | update rules          | pc     | unit
GET    /desk/units/<unit_id>/open                              | open unit             | pc     | unit
POST   /desk/units/<unit_id>/open                              | open unit             | pc     | unit
GET    /desk/units/<unit_id>/edit                              | update unit           | pc     | unit
POST   /desk/units/<unit_id>/edit                              | update unit           | pc     | unit
GET    /desk/units/<unit_id>/move                              | move unit             | pc     | unit
POST   /desk/units/<unit_id>/move                              | move unit             | pc     | unit
POST   /desk/units/<unit_id>/move                              | move unit             | pc     | unit+parent_id
GET    /desk/units/<unit_id>/split                             | move unit             | pc     | unit
POST   /desk/units/<unit_id>/split                             | move unit             | pc     | unit
GET    /desk/units/<unit_id>/merge                             | open unit             | pc     | unit
POST   /desk/units/<unit_id>/merge                             | open unit             | pc     | unit
POST   /desk/units/<unit_id>/merge                             | open unit             | pc     | unit+unit_ids
GET    /desk/units/<unit_id>/close                             | close unit            | pc     | unit
POST   /desk/units/<unit_id>/close                             | close unit            | pc     | unit
POST   /desk/units/<unit_id>/close                             | close unit            | pc     | unit+successor_id
GET    /m/                                                     | signed in             | mobile | -
GET    /m/me                                                   | signed in             | mobile | -
GET    /m/home                                                 | signed in             | mobile | -
GET    /m/login                                                | public                | both   | -
POST   /m/login                                                | public                | both   | -
GET    /m/login/code                                           | public                | both   | -
POST   /m/login/code                                           | public                | both   | -
POST   /m/login/longer                                         | public                | both   | -
POST   /m/login/again                                          | public                | both   | -
GET    /m/elder                                                | public                | both   | -
POST   /m/elder                                                | public                | both   | -
POST   /m/tellings                                             | signed in             | mobile | -
GET    /m/todo                                                 | signed in             | mobile | -
POST   /m/todo/read                                            | signed in             | mobile | -
POST   /m/todo/sms                                             | signed in             | mobile | -
GET    /m/own/contact                                          | own file              | mobile | -
GET    /m/own/file                                             | own file              | mobile | -
GET    /m/own/services                                         | own file              | mobile | -
GET    /m/own/opinions                                         | own opinion           | mobile | -
POST   /m/own/opinions                                         | own opinion           | mobile | -
POST   /m/own/opinions/seen                                    | own opinion           | mobile | -
GET    /m/opinions                                             | read opinion          | mobile | -
GET    /m/opinions/<opinion_id>                                | read opinion          | mobile | opinion
POST   /m/opinions/<opinion_id>/answer                         | answer opinion        | mobile | opinion
GET    /m/cadres                                               | read cadre            | mobile | -
GET    /m/cadres/<cadre_id>                                    | read cadre            | mobile | cadre
GET    /m/oversight                                            | oversee records       | mobile | -
GET    /m/photos/<attachment_id>                               | read record           | mobile | photo
GET    /m/records/<module_key>                                 | read record           | mobile | -
GET    /m/records/<module_key>/due                             | explain deadline      | mobile | =unit
GET    /m/records/<module_key>/find                            | read cadre            | mobile | =unit
GET    /m/records/<module_key>/new                             | create record         | mobile | =unit
POST   /m/records/<module_key>/new                             | create record         | mobile | >unit_id
GET    /m/records/<module_key>/<record_id>                     | read record           | mobile | record
GET    /m/records/<module_key>/<record_id>/edit                | update record         | mobile | record
POST   /m/records/<module_key>/<record_id>/edit                | update record         | mobile | record
GET    /m/records/<module_key>/<record_id>/delete              | delete record         | mobile | record
POST   /m/records/<module_key>/<record_id>/delete              | delete record         | mobile | record
POST   /m/records/<module_key>/<record_id>/photos              | update record         | mobile | record
POST   /m/records/<module_key>/<record_id>/reason              | update record         | mobile | record
POST   /m/records/<module_key>/<record_id>/submit              | update record         | mobile | draft
POST   /m/records/<module_key>/<record_id>/extension           | extend record         | mobile | draft
POST   /m/records/<module_key>/<record_id>/extension/ask       | update record         | mobile | draft
POST   /m/records/<module_key>/<record_id>/reopen              | reopen record         | mobile | locked
POST   /m/records/<module_key>/<record_id>/ruling              | confirm record        | mobile | record
"""
