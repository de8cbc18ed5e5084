"""按客体打开页面：消息里只写客体的种类与编号，页面在哪里由登记表决定。"""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from quanze.base.web import subjects
from quanze.base.web.access import signed_in
from quanze.core.errors import NotFound


@signed_in()
def open_subject(request: HttpRequest, kind: str, id: int) -> HttpResponse:
    """转到客体的页面；没有页面的答为没有。"""
    address = subjects.url_of(kind, id)
    if not address:
        raise NotFound("没有这个页面", hint="请从工作台打开。")
    return redirect(address)
