from django.db import migrations

TITULOS = """
UPDATE operacoes_processamento
   SET titulo = CASE WHEN tipo = 'guias.pgdasd.extrato' THEN 'Buscar extrato do DAS' ELSE split_part(titulo, ' · ', 1) END
 WHERE tipo IN ('guias.pgdasd.consultar', 'guias.pgdasd.recibo', 'guias.pgdasd.extrato')
"""


class Migration(migrations.Migration):
    """The empresa of a question is told by its row, to whom may see it, and no longer kept in the title."""

    dependencies = [("guias", "0001_initial"), ("operacoes", "0001_initial")]

    operations = [migrations.RunSQL(TITULOS, migrations.RunSQL.noop)]
