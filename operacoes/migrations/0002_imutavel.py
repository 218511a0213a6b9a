from django.db import migrations

# What was approved is what is sent, and nothing that was tried is ever deleted: kept by the database itself.
CRIAR = """
CREATE FUNCTION operacao_recusa_troca() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'operacoes: tipo, chave, pedido, efeito, acesso and empresa of an Operacao never change'
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER operacao_imutavel BEFORE UPDATE OF tipo, chave, pedido, efeito, acesso, empresa_id, revisao
    ON operacoes_operacao FOR EACH ROW
    WHEN (
        (OLD.tipo, OLD.chave, OLD.pedido, OLD.efeito, OLD.acesso, OLD.empresa_id, OLD.revisao)
        IS DISTINCT FROM (NEW.tipo, NEW.chave, NEW.pedido, NEW.efeito, NEW.acesso, NEW.empresa_id, NEW.revisao)
    )
    EXECUTE FUNCTION operacao_recusa_troca();

CREATE FUNCTION operacoes_recusa_apagar() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'operacoes: % rows are never deleted', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER operacao_nao_apaga BEFORE DELETE ON operacoes_operacao
    FOR EACH ROW EXECUTE FUNCTION operacoes_recusa_apagar();
CREATE TRIGGER tentativa_nao_apaga BEFORE DELETE ON operacoes_tentativa
    FOR EACH ROW EXECUTE FUNCTION operacoes_recusa_apagar();
"""

DESFAZER = """
DROP TRIGGER tentativa_nao_apaga ON operacoes_tentativa;
DROP TRIGGER operacao_nao_apaga ON operacoes_operacao;
DROP FUNCTION operacoes_recusa_apagar();
DROP TRIGGER operacao_imutavel ON operacoes_operacao;
DROP FUNCTION operacao_recusa_troca();
"""


class Migration(migrations.Migration):
    dependencies = [("operacoes", "0001_initial")]
    operations = [migrations.RunSQL(CRIAR, DESFAZER)]
