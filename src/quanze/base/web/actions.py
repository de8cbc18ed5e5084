"""办理入口：只收 POST，解析表单 → 调一个服务 → 话与去处。

Keeps writing views three lines long. A view returns ``Done`` and never builds a response; errors of the form and errors
of the rules come back to the page that asked, with everything that was typed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import wraps
from typing import Any

from django.contrib import messages
from django.forms import FileField, Form
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import Resolver404, get_script_prefix, resolve, reverse

from quanze.base.web.access import refuse_strangers, require_roles
from quanze.base.web.errors import error_response, wants_json
from quanze.core.errors import Defect, ErrorPlace, InvalidInput, RulesNotMet


@dataclass(frozen=True)
class Done:
    """办成了：说了什么、去哪里。With ``fragment`` an htmx caller gets that piece instead of a new page."""

    message: str = ""
    to: str = ""
    fragment: str = ""
    context: Mapping[str, Any] = field(default_factory=dict)
    level: str = "success"
    data: Mapping[str, Any] = field(default_factory=dict)


def action(
    view: Callable[..., Any] | None = None,
    *,
    form: type[Form] | None = None,
    roles: tuple[str, ...] = (),
    invalid: Callable[..., HttpResponse] | None = None,
    page: str = "",
    is_open: bool = False,
) -> Any:
    """装饰一个办理视图 ``view(request, form, **url_kwargs) -> Done``（无 form 时不传）。

    ``invalid(request, form=form, **url_kwargs)`` renders the asking page again (status 422). Without it the findings are
    shown as an error page; a program gets code, message, place and remedy. A reader who comes to the address of the action (it stands in the address bar after a refusal) is
    led to the page of the same object: ``page`` names it, else it is the nearest page above the address. ``is_open`` admits
    people who are not signed in.
    """

    def decorate(function: Callable[..., Any]) -> Callable[..., HttpResponse]:
        @wraps(function)
        def act(request: HttpRequest, **kwargs: Any) -> HttpResponse:
            if request.method in ("GET", "HEAD"):
                refused = None if is_open else refuse_strangers(request)
                return refused or HttpResponseRedirect(reverse(page, kwargs=kwargs) if page else _page_above(request))
            if request.method != "POST":
                response = error_response(request, 405)
                response["Allow"] = "POST"
                return response
            if not is_open:
                refused = refuse_strangers(request)
                if refused is not None:
                    return refused
                require_roles(request, roles)
            bound = form(request.POST, request.FILES) if form is not None else None
            if bound is not None and not bound.is_valid():
                if wants_json(request):
                    return _told(request, bound)
                if invalid is None:
                    raise InvalidInput(_first_error(bound), hint="请返回上一页改正后再提交。", code="invalid_form")
                return _again(invalid, request, bound, kwargs)
            try:
                done = function(request, bound, **kwargs) if form is not None else function(request, **kwargs)
            except (RulesNotMet, InvalidInput) as error:
                if invalid is None or bound is None or wants_json(request):
                    raise
                _add_errors(bound, error)
                return _again(invalid, request, bound, kwargs)
            return respond_done(request, done) if isinstance(done, Done) else done

        act.is_action = True  # type: ignore[attr-defined]
        return act

    return decorate if view is None else decorate(view)


def _page_above(request: HttpRequest) -> str:
    """地址往上最近的一个页面：/lists/items/3/draft/ 之上是 /lists/items/3/。"""
    parts = request.path_info.strip("/").split("/")
    while len(parts) > 1:
        parts.pop()
        path = f"/{'/'.join(parts)}/"
        try:
            view = resolve(path).func
        except Resolver404:
            continue
        if not getattr(view, "is_action", False):
            return get_script_prefix().rstrip("/") + path
    return get_script_prefix()


def respond_done(request: HttpRequest, done: Done) -> HttpResponse:
    """办成的应答：JSON、片段或转到新页。"""
    if wants_json(request):
        return JsonResponse({"message": done.message, **done.data}, json_dumps_params={"ensure_ascii": False})
    htmx = getattr(request, "htmx", False)
    if htmx and done.fragment:
        return render(request, done.fragment, {**done.context, "done": done})
    if done.message:
        messages.add_message(request, messages.DEFAULT_LEVELS[done.level.upper()], done.message)
    target = done.to or "/"
    if htmx:
        response = HttpResponse(status=204)
        response["HX-Redirect"] = target
        return response
    redirect = HttpResponseRedirect(target)
    redirect.status_code = 303
    return redirect


def _again(
    invalid: Callable[..., HttpResponse], request: HttpRequest, form: Form, kwargs: dict[str, Any]
) -> HttpResponse:
    response = invalid(request, form=form, **kwargs)
    response.status_code = 422
    return response


# What Django finds wrong with a file, under the codes of every refusal of a file.
_FILE_CODES = {"empty": "FILE_EMPTY", "required": "FILE_MISSING", "max_length": "FILENAME_INVALID"}


def _told(request: HttpRequest, form: Form) -> HttpResponse:
    """表单不对，来者是程序：第一处作为代码与说明，各处列在 defects。"""
    defects = []
    for name, errors in form.errors.as_data().items():
        wanted = form.fields.get(name)
        place = ErrorPlace(field=str(wanted.label or name) if wanted is not None else "")
        for error in errors:
            code = _FILE_CODES.get(error.code or "", "invalid_field") if isinstance(wanted, FileField) else ""
            defects += [Defect(code or "invalid_field", said, place) for said in error.messages]
    first = defects[0]
    return error_response(
        request,
        422,
        code=first.code if first.code.isupper() else "invalid_form",
        message=first.message,
        place=str(first.place),
        defects=defects,
    )


def _add_errors(form: Form, error: RulesNotMet | InvalidInput) -> None:
    said = f"{error.message}。{error.hint}" if error.hint else error.message
    defects = getattr(error, "defects", ())
    if defects:
        # The headline sums the defects up; counted with them it would be one defect too many.
        form.headline = said  # type: ignore[attr-defined]
    else:
        place = error.place.field if error.place else ""
        form.add_error(place if place in form.fields else None, said)
    for defect in defects:
        name = defect.place.field
        form.add_error(name if name in form.fields else None, defect.message)


def _first_error(form: Form) -> str:
    for name, errors in form.errors.items():
        label = form.fields[name].label if name in form.fields else ""
        return f"{label}：{errors[0]}" if label else str(errors[0])
    return "提交的内容不完整"
