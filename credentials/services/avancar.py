"""*Avançar* and *Desfazer*: the only writers of Vinculo, all or nothing, in set-based SQL.

Locks, always in this order: the user's draft, the credencial (shared), the empresas by id. Locking the empresa row FOR
UPDATE makes everything that refers to it (an inclusion elsewhere, an Operacao being submitted) either visible to the
conflict check or later than the commit. The unique constraint of Vinculo.empresa stays the last word.
"""

from collections.abc import Callable, Sequence
from typing import Any

from django.db import OperationalError, connection, transaction
from django.db.backends.utils import CursorWrapper
from psycopg.errors import DeadlockDetected

from comum import auditoria
from comum.models import Usuario
from credentials.models import Credencial, Gravacao, GravacaoItem, Rascunho
from credentials.services.conflitos import (
    Conflito,
    conflitos_de,
    conflitos_de_desfazer,
    impressao,
    tirar_todas,
    travar_credencial,
    travar_rascunho,
)
from credentials.services.rascunho import Contagem, contar, travar_ou_criar

_AUDITADAS = 200  # rows of the diff copied into the audit row; all of them are in GravacaoItem, covered by the digest


class GravacaoEmConflito(Exception):
    """Nothing was written and the draft was kept. `conflitos` name what is in the way."""

    def __init__(self, conflitos: Sequence[Conflito]) -> None:
        super().__init__(", ".join(f"{c.motivo} ({c.quantas})" for c in conflitos))
        self.conflitos = conflitos


class GravacaoRecusada(Exception):
    """Not possible as a whole, and no empresa is to blame; the text is pt-BR for the screen."""


class _Corrida(Exception):
    """Somebody wrote between the check and the writing; the check has to run again."""


def avancar(*, usuario: Usuario, credencial: Credencial, sem: str = "") -> Gravacao | None:
    """Write the user's draft on the credencial in one transaction, or nothing of it.

    `sem`: the impressao() of the conflicts that the user has seen and leaves out; with any other one nothing is
    written. Returns None when there is nothing to write (a second click). Raises GravacaoEmConflito.
    """
    return _repetir(lambda: _avancar(usuario, credencial, sem))


def desfazer(*, usuario: Usuario, gravacao: Gravacao) -> Gravacao:
    """Restore what each empresa was before a Gravacao: its inverse goes through the draft and is written like any.

    Raises GravacaoRecusada, or GravacaoEmConflito naming the empresas that cannot go back; nothing is written then.
    """
    return _repetir(lambda: _desfazer(usuario, gravacao))


def _repetir[R](gravar: Callable[[], R]) -> R:
    """Run again after a lost race or a deadlock; the third time the check has long seen what the others wrote."""
    for _ in range(5):
        try:
            with transaction.atomic():
                return gravar()
        except _Corrida:
            continue
        except OperationalError as erro:
            if not isinstance(erro.__cause__, DeadlockDetected):
                raise
    raise GravacaoRecusada("Outras pessoas estão gravando as mesmas empresas. Tente de novo em instantes.")


def _avancar(usuario: Usuario, credencial: Credencial, sem: str) -> Gravacao | None:
    rascunho = travar_rascunho(usuario, credencial)
    if rascunho is None or not contar(rascunho):
        return None
    travada = travar_credencial(credencial)
    if conflitos := conflitos_de(rascunho, travada):
        if sem != impressao(conflitos):
            raise GravacaoEmConflito(conflitos)
        tirar_todas(rascunho, travada, conflitos)
    contagem = contar(rascunho)
    if not contagem:
        return None
    gravacao = _escrever(rascunho, travada, contagem)
    _auditar(gravacao, "avancar", f"Avançar na credencial {travada}: {_resumo(contagem)}")
    return gravacao


def _desfazer(usuario: Usuario, gravacao: Gravacao) -> Gravacao:
    rascunho = travar_ou_criar(usuario, gravacao.credencial)
    credencial = travar_credencial(gravacao.credencial)
    if pendentes := contar(rascunho):
        raise GravacaoRecusada(
            f"Há {pendentes.total} alterações suas ainda não gravadas nesta credencial. "
            "Avance ou cancele o rascunho antes de desfazer uma gravação."
        )
    if Gravacao.objects.filter(desfaz=gravacao).exists():
        raise GravacaoRecusada("Esta gravação já foi desfeita.")
    rascunho.credencial_versao = credencial.versao
    rascunho.save(update_fields=["credencial_versao"])
    _inverter(gravacao, rascunho)
    contagem = contar(rascunho)
    da_inversa = conflitos_de(
        rascunho, credencial
    )  # it locks the empresas: what comes next sees all that was submitted
    if conflitos := [*conflitos_de_desfazer(usuario=usuario, gravacao=gravacao), *da_inversa]:
        raise GravacaoEmConflito(conflitos)
    nova = _escrever(rascunho, credencial, contagem, desfaz=gravacao)
    _auditar(nova, "desfazer", f"Desfazer da gravação {gravacao.pk} na credencial {credencial}: {_resumo(contagem)}")
    return nova


_CAMPOS = "servicos, autor, procurador, procurador_certificado_id, observacao"


def _json_de(tabela: str) -> str:
    return f"""jsonb_build_object('servicos', {tabela}.servicos, 'autor', {tabela}.autor,
        'procurador', {tabela}.procurador, 'procurador_certificado', {tabela}.procurador_certificado_id,
        'observacao', {tabela}.observacao)"""


_REGISTRAR = f"""
    INSERT INTO credentials_gravacaoitem (gravacao_id, empresa_id, acao, antes, depois)
    SELECT %s, i.empresa_id, i.acao,
        CASE WHEN i.acao <> 'incluir' THEN {_json_de("v")} END,
        CASE WHEN i.acao <> 'excluir' THEN {_json_de("i")} END
    FROM credentials_itemrascunho i LEFT JOIN credentials_vinculo v ON v.empresa_id = i.empresa_id
    WHERE i.rascunho_id = %s
"""  # noqa: S608 - constants only
_EXCLUIR = """
    DELETE FROM credentials_vinculo v USING credentials_itemrascunho i
    WHERE i.rascunho_id = %s AND i.acao = 'excluir' AND v.empresa_id = i.empresa_id
        AND v.credencial_id = %s AND v.versao = i.versao_base
"""
_ALTERAR = """
    UPDATE credentials_vinculo v SET servicos = i.servicos, autor = i.autor, procurador = i.procurador,
        procurador_certificado_id = i.procurador_certificado_id, observacao = i.observacao,
        versao = %s, gravado_por_id = %s, gravado_em = %s
    FROM credentials_itemrascunho i
    WHERE i.rascunho_id = %s AND i.acao = 'alterar' AND v.empresa_id = i.empresa_id
        AND v.credencial_id = %s AND v.versao = i.versao_base
"""
_INCLUIR = f"""
    INSERT INTO credentials_vinculo (empresa_id, credencial_id, versao, gravado_por_id, gravado_em, {_CAMPOS})
    SELECT empresa_id, %s, %s, %s, %s, {_CAMPOS} FROM credentials_itemrascunho
    WHERE rascunho_id = %s AND acao = 'incluir' ORDER BY empresa_id
    ON CONFLICT (empresa_id) DO NOTHING
"""  # noqa: S608 - constants only


def _escrever(
    rascunho: Rascunho, credencial: Credencial, contagem: Contagem, desfaz: Gravacao | None = None
) -> Gravacao:
    """Apply the draft and take it away. Raises _Corrida when a row was not as the check had seen it."""
    gravacao = Gravacao.objects.create(
        credencial=credencial,
        usuario=rascunho.usuario,
        incluidas=contagem.incluidas,
        alteradas=contagem.alteradas,
        excluidas=contagem.excluidas,
        desfaz=desfaz,
    )
    autoria = [gravacao.pk, rascunho.usuario_id, gravacao.quando]
    with connection.cursor() as cursor:
        cursor.execute(_REGISTRAR, [gravacao.pk, rascunho.pk])
        if contagem.excluidas:
            _exigir(cursor, _EXCLUIR, [rascunho.pk, credencial.pk], contagem.excluidas)
        if contagem.alteradas:
            _exigir(cursor, _ALTERAR, [*autoria, rascunho.pk, credencial.pk], contagem.alteradas)
        if contagem.incluidas:
            _exigir(cursor, _INCLUIR, [credencial.pk, *autoria, rascunho.pk], contagem.incluidas)
        cursor.execute("DELETE FROM credentials_itemrascunho WHERE rascunho_id = %s", [rascunho.pk])
        cursor.execute("DELETE FROM credentials_rascunho WHERE id = %s", [rascunho.pk])
    return gravacao


def _exigir(cursor: CursorWrapper, sql: str, parametros: Sequence[Any], quantas: int) -> None:
    cursor.execute(sql, parametros)
    if cursor.rowcount != quantas:
        raise _Corrida


def _inverter(gravacao: Gravacao, rascunho: Rascunho) -> None:
    """Put into the draft what takes each empresa of a Gravacao back to what it was."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO credentials_itemrascunho (rascunho_id, empresa_id, acao, versao_base,
                servicos, autor, procurador, procurador_certificado_id, observacao)
            SELECT %s, g.empresa_id,
                CASE g.acao WHEN 'incluir' THEN 'excluir' WHEN 'excluir' THEN 'incluir' ELSE 'alterar' END,
                CASE WHEN g.acao <> 'excluir' THEN g.gravacao_id END,
                ARRAY(SELECT jsonb_array_elements_text(g.conteudo -> 'servicos')), g.conteudo ->> 'autor',
                g.conteudo ->> 'procurador', (g.conteudo ->> 'procurador_certificado')::uuid,
                g.conteudo ->> 'observacao'
            FROM (
                SELECT *, coalesce(antes, depois) AS conteudo FROM credentials_gravacaoitem WHERE gravacao_id = %s
            ) g
            """,
            [rascunho.pk, gravacao.pk],
        )


def _resumo(contagem: Contagem) -> str:
    return f"{contagem.incluidas} incluídas, {contagem.alteradas} alteradas, {contagem.excluidas} excluídas"


def _auditar(gravacao: Gravacao, verbo: str, resumo: str) -> None:
    """One audit row with the diff: the first rows in full and a digest of all (GravacaoItem keeps every one)."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT encode(sha256(convert_to(string_agg(
                concat_ws(' ', empresa_id, acao, coalesce(antes::text, '-'), coalesce(depois::text, '-')),
                E'\\n' ORDER BY empresa_id), 'UTF8')), 'hex')
            FROM credentials_gravacaoitem WHERE gravacao_id = %s
            """,
            [gravacao.pk],
        )
        digest = cursor.fetchone()[0]
    itens = GravacaoItem.objects.filter(gravacao=gravacao).order_by("empresa_id")[:_AUDITADAS]
    auditoria.registrar(
        usuario=gravacao.usuario,
        acao=f"janela.{verbo}",
        objeto=gravacao,
        resumo=resumo,
        dados={
            "credencial": gravacao.credencial.codigo,
            "desfaz": gravacao.desfaz_id,
            "sha256": digest,
            "itens": [[item.empresa_id, item.acao, item.antes, item.depois] for item in itens],
        },
    )
