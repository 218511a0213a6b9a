from django.db import migrations

# Which contratante pays for the calls of each credencial, those already made too.
DIZER = """
INSERT INTO operacoes_acessocobrado (acesso, conta, nome, rotulo)
SELECT 'credencial:' || codigo, coalesce(nullif(contratante, ''), 'credencial:' || codigo), contratante_nome,
       left(codigo || ' · ' || descricao, 120)
  FROM credentials_credencial
ON CONFLICT (acesso) DO NOTHING;
UPDATE operacoes_tentativa t SET conta = a.conta
  FROM operacoes_acessocobrado a WHERE a.acesso = t.acesso AND t.conta <> a.conta;
"""


class Migration(migrations.Migration):
    dependencies = [("credentials", "0006_termos"), ("operacoes", "0007_custos")]

    operations = [migrations.RunSQL(DIZER, migrations.RunSQL.noop)]
