"""Every picture, in the order of the index: who is logged in, and the way to each page."""

from screenshot_steps import (
    Shot,
    Step,
    choose_size,
    fill,
    forget_proof,
    heading,
    known_cadre,
    log_in,
    look_for_cadre,
    shot,
    type_code,
    upload,
    worker,
)

TAB, ROW = ">main nav.tabs a:has-text('{}')", ">main tbody a"
QUARTER = ">main a:has-text('上季度')"
BIND = ">main button:has-text('开始绑定')"
SUBMIT = ">main form button[type=submit]"
SUBMIT_SEARCH = ">main form.filters button[type=submit]"
HEDE = ">#side a:has-text('合德镇')"
RECORDS, M_RECORDS = "/desk/records", "/m/records"

DOORS = (
    shot("desk-login", "电脑端登录", "/login?end=desk"),
    shot("desk-login-wrong", "登录：号码或密码不对", "/login?end=desk", fill("手机号码", "19900000000"),
         lambda page, _live: page.locator("[name=password]").fill("wrong-password"), SUBMIT,
         fill("手机号码", "")),
    shot("desk-turned-away", "老同志走错了门：请换用手机端", log_in("cadre", "射阳")),
    shot("desk-not-found", "没有这一页", "/desk/nowhere"),
    shot("api-docs", "接口文档", "/api/docs"),
)
AUDITOR = (
    shot("auditor-home", "省级督查人员的首页", "/desk/"),
    shot("report-province", "及时性统计：全省，上季度", "/desk/reports/timeliness", QUARTER),
    shot("report-county", "及时性统计：射阳，走访慰问", "/desk/reports/timeliness", QUARTER,
         ">main table a:has-text('盐城市委老干部局')", ">main table a:has-text('射阳县委老干部局')",
         TAB.format("走访慰问")),
    shot("report-list", "从数字到清单", "/desk/reports/timeliness", QUARTER,
         ">main table a:has-text('盐城市委老干部局')", ">main table a:has-text('射阳县委老干部局')",
         TAB.format("走访慰问"), ">main tfoot a"),
    shot("report-visit", "从清单到一次走访，为什么是这一天", "/desk/reports/timeliness", QUARTER,
         ">main table a:has-text('盐城市委老干部局')", ">main table a:has-text('射阳县委老干部局')",
         TAB.format("走访慰问"), ">main tfoot a", ROW),
    shot("auditor-cadre", "督查人员看到的档案，敏感项遮蔽", "/desk/cadres", ROW),
    shot("auditor-log", "日志", "/desk/log"),
)
ADMINISTRATOR = (
    shot("admin-home", "系统管理员的首页", "/desk/"),
    shot("units", "单位", "/desk/units"),
    shot("unit", "一个单位：概况", "/desk/units", HEDE),
    shot("unit-administrators", "一个单位：系统管理员", "/desk/units", HEDE, TAB.format("管理员")),
    shot("unit-people", "一个单位：人员", "/desk/units", HEDE, TAB.format("人员")),
    shot("unit-below", "一个单位：下级单位", "/desk/units", HEDE, TAB.format("下级单位")),
    shot("unit-columns", "一个单位：哪个栏目由谁负责", "/desk/units", HEDE, TAB.format("栏目权限")),
    shot("templates", "角色模板", "/desk/templates"),
    shot("template-new", "新建角色模板", "/desk/templates", ">main a:has-text('新建经办人模板')"),
    shot("unit-filings", "一个单位：报备", "/desk/units", HEDE, TAB.format("报备")),
    shot("unit-log", "一个单位：日志", "/desk/units", HEDE, TAB.format("日志")),
    shot("unit-open", "新设下级单位", "/desk/units", HEDE, ">main a:has-text('新设下级单位')"),
    shot("unit-edit", "修改单位", "/desk/units", HEDE, ">main a:has-text('修改')"),
    shot("unit-move", "移动单位：选新的上级", "/desk/units", HEDE, TAB.format("下级单位"), ROW,
         ">main a:has-text('移动')"),
    shot("unit-close", "撤销单位", "/desk/units", HEDE, ">main a:has-text('撤销')"),
    shot("appoint", "任命系统管理员：选人", "/desk/units", HEDE, TAB.format("管理员"),
         ">main a:has-text('任命系统管理员')"),
    shot("seat-remove", "免去系统管理员：确认", "/desk/units", ">#side a:has-text('临海镇')",
         TAB.format("管理员"), ">main a:has-text('免去')"),
    shot("accounts", "账号", "/desk/accounts"),
    shot("account", "一个工作人员的账号和权限", "/desk/accounts", ">main tbody tr:has-text('工作人员') a"),
    shot("account-grant", "授予权限", "/desk/accounts", fill("姓名或手机号码", "刘静怡"), SUBMIT, ROW,
         ">main a:has-text('授予权限')"),
    shot("account-rights", "栏目与渠道权限：实际能用什么，从哪里来", "/desk/accounts",
         fill("姓名或手机号码", "刘静怡"), SUBMIT, ROW, ">main a:has-text('栏目与渠道权限')"),
    shot("account-right-change", "修改一项权限", "/desk/accounts", fill("姓名或手机号码", "刘静怡"), SUBMIT,
         ROW, ">main a:has-text('栏目与渠道权限')", ">main a.btn:has-text('修改')"),
    shot("why", "为什么能、为什么不能", "/desk/accounts", fill("姓名或手机号码", "刘静怡"), SUBMIT,
         ROW, ">main a:has-text('栏目与渠道权限')", ">main a:has-text('为什么能')",
         lambda page, _live: page.select_option("main select[name=action]", "record:create"), SUBMIT_SEARCH),
    shot("account-edit", "修改工作人员账号", "/desk/accounts", fill("姓名或手机号码", "刘静怡"), SUBMIT, ROW,
         ">main a:has-text('修改')"),
    shot("account-resend", "重发密码短信：确认", "/desk/accounts", fill("姓名或手机号码", "刘静怡"), SUBMIT, ROW,
         ">main a:has-text('重发密码短信')"),
    shot("account-suspend", "停用账号：确认", "/desk/accounts", fill("姓名或手机号码", "刘静怡"), SUBMIT, ROW,
         ">main a:has-text('停用')"),
    shot("account-retire", "登记退休", "/desk/accounts", fill("姓名或手机号码", "刘静怡"), SUBMIT, ROW,
         ">main a:has-text('登记退休')"),
    shot("account-close", "注销账号：确认", "/desk/accounts", fill("姓名或手机号码", "刘静怡"), SUBMIT, ROW,
         ">main a:has-text('注销账号')"),
    shot("account-life", "账号经历", "/desk/accounts", fill("姓名或手机号码", "刘静怡"), SUBMIT, ROW,
         ">main a:has-text('账号经历')"),
    shot("transfer-out", "申请调出", "/desk/accounts", fill("姓名或手机号码", "刘静怡"), SUBMIT, ROW,
         ">main a:has-text('调到别的单位')"),
    shot("transfer-in", "申请调入", "/desk/transfers/new"),
    shot("transfers", "人员调动", "/desk/transfers"),
    shot("transfer", "一次人员调动", "/desk/accounts", fill("姓名或手机号码", "刘静怡"), SUBMIT, ROW,
         ">main a:has-text('调到别的单位')", fill("调入单位的代码", "320981"), fill("事由", "工作需要"), SUBMIT,
         "/desk/transfers", ROW),
    shot("hand-over", "岗位交接", "/desk/accounts", fill("姓名或手机号码", "刘静怡"), SUBMIT, ROW,
         ">main a:has-text('岗位交接')"),
    shot("defects", "单位缺项", "/desk/defects"),
    shot("seat-replace", "更换系统管理员", "/desk/units", ">#side a:has-text('临海镇')", TAB.format("管理员"),
         ">main a:has-text('更换')"),
    shot("nominate-choose", "提名系统管理员：选人", "/desk/units", ">main a:has-text('射阳县委老干部局')",
         TAB.format("管理员"), ">main a:has-text('提名人选')"),
    shot("nominate", "提名系统管理员", "/desk/units", ">main a:has-text('射阳县委老干部局')", TAB.format("管理员"),
         ">main a:has-text('提名人选')", ROW),
    shot("nominations", "提名", "/desk/nominations"),
    shot("report-freeze", "封存一份报表：确认", "/desk/reports/timeliness", QUARTER, ">main a:text-is('封存')"),
    shot("report-frozen", "一份封存的报表", "/desk/reports/timeliness", QUARTER, ">main a:text-is('封存')", SUBMIT),
    shot("reports-frozen", "封存的报表", "/desk/reports/frozen"),
    shot("unit-changes", "机构调整", "/desk/unit-changes"),
    shot("accounts-dormant", "长期未登录的账号", "/desk/accounts/dormant"),
    shot("account-log", "一个账号的日志", "/desk/accounts", fill("姓名或手机号码", "刘静怡"), SUBMIT, ROW,
         ">main a:has-text('日志')"),
    shot("open-staff", "开通工作人员账号", "/desk/accounts/open-staff"),
    shot("open-staff-wrong", "开通工作人员账号：填错了", "/desk/accounts/open-staff", fill("姓名", "顾 1"), SUBMIT),
    shot("open-cadre-choose", "开通老同志账号：选人", "/desk/accounts/open-cadre"),
    shot("open-cadre", "开通老同志账号", "/desk/accounts/open-cadre", ROW),
    shot("filings", "报备", "/desk/filings"),
    shot("filing-acknowledge", "确认收到报备", "/desk/filings", ">main a:has-text('确认收到')"),
    shot("log", "日志", "/desk/log"),
    shot("cadres", "离退休干部名册", "/desk/cadres"),
    shot("cadre", "一份档案", known_cadre, ROW),
    shot("cadre-unmask", "查看全文前写明用途", known_cadre, ROW, ">main a:has-text('查看身份证号')"),
    shot("cadre-new", "新建档案", "/desk/cadres/new"),
    shot("cadre-new-wrong", "新建档案：填错了", "/desk/cadres/new", fill("姓名", "顾"),
         fill("身份证号", "320999194005060011"), SUBMIT),
    shot("cadre-edit", "修改档案", known_cadre, ROW, ">main a:has-text('修改')"),
    shot("export", "导出名册：先写明用途", "/desk/cadres", ">main a:has-text('导出')"),
    shot("export-running", "导出在后台进行", worker(rests=True), "/desk/cadres", ">main a:has-text('导出')",
         fill("用途", "核对走访名单"), SUBMIT),
    shot("export-result", "导出结果", worker(rests=False), "/desk/cadres", ">main a:has-text('导出')",
         fill("用途", "核对走访名单"), SUBMIT, heading("导出离退休干部名册：结果")),
    shot("import", "导入名册", "/desk/cadres/import"),
    shot("import-trial", "试导入：哪一行哪一列错了", "/desk/cadres/import", upload(120)),
    shot("import-running", "大的名册在后台处理", worker(rests=True), "/desk/cadres/import", upload(400)),
    shot("import-result", "导入结果", worker(rests=False), "/desk/cadres/import", upload(120), SUBMIT,
         heading("导入结果")),
    shot("import-log", "导入之后的日志", "/desk/log"),
    shot("visit-history", "一次走访的办理经过", f"{RECORDS}/visits", ROW, ">main a:has-text('办理经过')"),
    shot("opinions", "意见建议", "/desk/opinions"),
    shot("desk-password", "修改密码", "/password"),
)
CLERK = (
    shot("clerk-home", "经办人的待办", "/desk/"),
    shot("todo", "待办与消息", "/desk/todo"),
    shot("jobs", "后台任务", "/desk/jobs"),
    shot("visits", "走访慰问", f"{RECORDS}/visits"),
    shot("visit", "一次走访", f"{RECORDS}/visits", ROW),
    shot("visit-new", "录入走访慰问", f"{RECORDS}/visits/new"),
    shot("visit-new-late", "录入已经逾期的走访", f"{RECORDS}/visits/new", fill("工作结束日期", "2026-10-09"),
         lambda page, _live: page.wait_for_load_state("networkidle")),
    shot("visit-new-wrong", "录入走访慰问：还缺几项", f"{RECORDS}/visits/new", fill("慰问金", "一百"), SUBMIT),
    shot("visit-edit", "修改走访慰问", f"{RECORDS}/visits", ROW, ">main a:has-text('修改')"),
    shot("visit-delete", "删除走访慰问：确认", f"{RECORDS}/visits", ROW, ">main a:has-text('删除')"),
    shot("visits-none", "没有符合条件的记录", f"{RECORDS}/visits?q=没有这个人"),
    shot("aid", "困难帮扶", f"{RECORDS}/hardship_aid"),
    shot("aid-new", "录入困难帮扶", f"{RECORDS}/hardship_aid/new"),
    shot("record-owed", "逾期未录的一件工作", "/desk/", ">main #overdue tbody a"),
    shot("activities", "支部活动", f"{RECORDS}/branch_activities"),
    shot("activity", "一次支部活动", f"{RECORDS}/branch_activities", ROW),
    shot("activity-new", "录入支部活动", f"{RECORDS}/branch_activities/new"),
    shot("volunteers", "志愿服务", f"{RECORDS}/volunteer_service"),
    shot("volunteer-new", "录入志愿服务", f"{RECORDS}/volunteer_service/new"),
    shot("due", "期限查询", f"{RECORDS}/visits/due?ended_on=2026-09-22"),
    shot("due-provisional", "期限查询：暂定", f"{RECORDS}/visits/due?ended_on=2026-12-28"),
    shot("clerk-cadre", "经办人看到的档案", "/desk/cadres", ROW),
)
PROVINCE = (
    shot("province-home", "省级系统管理员的首页：缺明年的通知", "/desk/"),
    shot("calendar", "工作日历", "/desk/calendar"),
    shot("calendar-edit", "录入一份放假通知", "/desk/calendar/edit"),
    shot("rules", "时限规则", "/desk/rules"),
    shot("rule", "一条时限规则：从哪里来，怎么算", "/desk/rules", ROW),
)
CHIEF = (
    shot("chief-home", "单位负责人的首页", "/desk/"),
    shot("oversight", "待上级处理和异常录入", "/desk/oversight"),
    shot("desk-devices", "我的登录", "/devices"),
)
FACTOR = (
    shot("desk-factor", "手机验证器：还没有绑定", "/second-factor"),
    shot("desk-factor-bind", "手机验证器：扫码绑定", "/second-factor", BIND),
    shot("desk-factor-wrong", "手机验证器：数字不对", "/second-factor", fill("验证器上的 6 位数字", "000000"),
         ">main form:has([name=code]) button[type=submit]"),
    shot("desk-factor-codes", "恢复码：只显示一次", "/second-factor", type_code,
         ">main form:has([name=code]) button[type=submit]"),
    shot("desk-factor-bound", "手机验证器：已经绑定", "/second-factor"),
    shot("desk-second-step", "登录第二步：再输一个验证码", log_in("administrator", "镇")),
)
PROVE = (
    shot("desk-prove", "办理要紧的事之前：再输一次密码", forget_proof, "/desk/accounts",
         fill("姓名或手机号码", "刘静怡"), SUBMIT, ROW, ">main a:has-text('退出所有设备')", SUBMIT),
)
PHONE_CHIEF = (
    shot("phone-oversight", "手机上的待处理和异常录入", "/m/oversight"),
)
FIRST_DESK = (shot("desk-first-password", "第一次登录：先设自己的密码", log_in("clerk", "射阳", first_login=True)),)
PHONE = (
    shot("phone-home", "手机首页", "/m/"),
    shot("phone-todo", "手机上的待办与消息", "/m/todo"),
    shot("phone-visits", "走访慰问", f"{M_RECORDS}/visits"),
    shot("phone-visit", "一次走访", f"{M_RECORDS}/visits", ">main a.row-item"),
    shot("phone-visit-new", "床边记一次走访", f"{M_RECORDS}/visits/new", look_for_cadre),
    shot("phone-visit-new-wrong", "还缺几项", f"{M_RECORDS}/visits/new", ">button:text-is('录入')"),
    shot("phone-aid-new", "记困难帮扶", f"{M_RECORDS}/hardship_aid/new"),
    shot("phone-activity-new", "记支部活动", f"{M_RECORDS}/branch_activities/new"),
    shot("phone-volunteer-new", "记志愿服务", f"{M_RECORDS}/volunteer_service/new"),
    shot("phone-visit-edit", "修改一次走访", f"{M_RECORDS}/visits", ">main a.row-item", ">main a:has-text('修改')"),
    shot("phone-visit-delete", "删除：确认", f"{M_RECORDS}/visits", ">main a.row-item", ">main a:has-text('删除')"),
    shot("phone-people", "老同志", "/m/cadres"),
    shot("phone-person", "一位老同志", "/m/cadres", ">main a.row-item"),
    shot("phone-me", "我的", "/m/me"),
    shot("phone-password", "修改密码", "/password"),
    shot("phone-devices", "我的登录", "/devices"),
    shot("phone-factor", "手机验证器：还没有绑定", "/second-factor"),
    shot("phone-factor-bind", "手机验证器：绑定", "/second-factor", BIND),
    shot("phone-not-found", "没有这一页", "/m/nowhere"),
)


def elder(size: str) -> tuple[Shot, ...]:
    """The pages of a cadre at one type size."""
    return (
        shot(f"elder-home-{size}", f"首页（{size}）", "/m/home"),
        shot(f"elder-file-{size}", f"我的档案（{size}）", "/m/own/file"),
        shot(f"elder-contact-{size}", f"我的联系人（{size}）", "/m/own/contact"),
        shot(f"elder-services-{size}", f"为我做的事（{size}）", "/m/own/services"),
        shot(f"elder-opinions-{size}", f"提意见建议（{size}）", "/m/own/opinions"),
        shot(f"elder-password-{size}", f"修改密码（{size}）", "/password"),
        shot(f"elder-logins-{size}", f"我的登录（{size}）", "/devices"),
        shot(f"elder-about-{size}", f"长辈版（{size}）", "/m/elder"),
        shot(f"elder-refused-{size}", f"走错了地方（{size}）", "/m/cadres"),
    )


def elder_door(size: str) -> tuple[Shot, ...]:
    """Before a cadre is in."""
    sized: Step = choose_size(size)
    return (
        shot(f"elder-login-{size}", f"手机端登录（{size}）", sized, "/login?end=mobile"),
        shot(f"elder-code-ask-{size}", f"用短信验证码登录（{size}）", sized, "/m/login"),
        shot(f"elder-code-{size}", f"输入短信验证码（{size}）", sized, "/m/login",
             fill("手机号码", "19900000000" if size == "18" else "19900000001"), SUBMIT),
        shot(f"elder-login-wrong-{size}", f"手机端登录：还没填（{size}）", sized, "/login?end=mobile", SUBMIT),
    )


FIRST_PHONE = (
    shot("elder-first-password-18", "第一次登录：设一个自己的密码（18）",
         log_in("cadre", "射阳", end="mobile", first_login=True)),
    shot("elder-first-password-30", "第一次登录：设一个自己的密码（30）", choose_size("30"), "/password"),
)
