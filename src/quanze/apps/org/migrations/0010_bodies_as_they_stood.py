"""Every body that exists gets its first change, and its parents their dated ones. When they were recorded is not known."""

from django.db import migrations


def begin(apps, editor):
    """按现有的样子与隶属写下沿革的开头。"""
    Body, Edge = apps.get_model("org", "Body"), apps.get_model("org", "BodyParent")
    Change = apps.get_model("org", "BodyChange")
    edges = {}
    for edge in Edge.objects.order_by("body_id", "valid_from", "id"):
        edges.setdefault(edge.body_id, []).append(edge)
    rows = []
    for body in Body.objects.order_by("id").iterator():
        steps = {}
        for edge in edges.get(body.pk, ()):
            steps[max(edge.valid_from, body.valid_from)] = edge.parent_id
            if edge.valid_to is not None:
                steps[max(edge.valid_to, body.valid_from)] = None
        values = {key: getattr(body, key) for key in ("name", "short_name", "kind", "region_id", "document_mark")}
        values |= {
            "parent_id": steps.pop(body.valid_from, None),
            "valid_to": body.valid_to.isoformat() if body.valid_to else None,
        }
        rows.append(Change(body=body, valid_from=body.valid_from, values=values))
        rows += [Change(body=body, valid_from=on, values={"parent_id": pk}) for on, pk in sorted(steps.items())]
    Change.objects.bulk_create(rows, batch_size=500)


class Migration(migrations.Migration):
    dependencies = [("org", "0009_body_changes")]
    operations = [migrations.RunPython(begin, migrations.RunPython.noop)]
