"""术语表与表结构一致：一个概念只有一个名字。"""

import pytest
from django.apps import apps

from quanze.core.glossary import TERMS, by_code

GLOSSED_APPS = ("org", "workflow", "catalog")
MODELS = [model for app in GLOSSED_APPS for model in apps.get_app_config(app).get_models()]


def test_every_term_and_every_code_name_stands_once():
    codes = [term.code for term in TERMS]
    words = [term.chinese for term in TERMS]
    assert len(set(codes)) == len(codes)
    assert len(set(words)) == len(words)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_the_docstring_of_a_table_begins_with_its_term(model):
    term = by_code(model.__name__)
    assert term is not None, f"{model.__name__} 不在术语表中"
    assert model.__doc__.startswith(term.chinese), f"{model.__name__} 的说明应以“{term.chinese}”开头"
    assert str(model._meta.verbose_name) == term.chinese
