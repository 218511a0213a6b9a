"""What stands in the way of a *Avançar* or *Desfazer*: found in SQL, named in words, each with its way out."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.urls import reverse

from comum.models import Auditoria, Usuario
from comum.templatetags.formatos import datahora
from credentials.models import Acao, Credencial, Gravacao, GravacaoItem, ItemRascunho, Rascunho, Vinculo
from credentials.services.credenciais import quem_mudou
from credentials.services.rascunho import apagar
from empresas.models import Carteira, Empresa
from operacoes.models import ABERTAS, Operacao

_NOMEADAS = 20  # rows of each conflict shown by name


class Motivo(StrEnum):
    """Why *Avançar* or *Desfazer* cannot be applied."""

    CREDENCIAL_INATIVA = "credencial_inativa"
    CREDENCIAL_MUDOU = "credencial_mudou"
    GRAVADA_DEPOIS = "gravada_depois"
    USADA = "usada"
    FORA = "fora"
    INATIVA = "inativa"
    TOMADA = "tomada"
    JA_INCLUIDA = "ja_incluida"
    REMOVIDA = "removida"
    MUDOU = "mudou"
    OPERACAO = "operacao"


@dataclass(frozen=True)
class EmConflito:
    """One empresa named in a conflict, with a link to what stands in the way when there is one."""

    nome: str
    detalhe: str = ""
    url: str = ""
    url_rotulo: str = ""


@dataclass(frozen=True)
class Conflito:
    """`pks`: every empresa in it; `empresas`: the first ones by name; `quem`: who did it and when, when it is one act
    (of each empresa's own, its `detalhe` says)."""

    motivo: Motivo
    quantas: int
    empresas: Sequence[EmConflito] = ()
    pks: Sequence[int] = ()
    quem: str = ""

    @property
    def titulo(self) -> str:
        singular, plural = _TITULOS[self.motivo]
        return singular if self.quantas == 1 else plural.format(self.quantas)

    @property
    def saida(self) -> str:
        """What to do, in words."""
        return _SAIDAS[self.motivo]

    @property
    def tirar(self) -> str:
        """Label of the button that takes these rows out of the draft; empty when that is no way out."""
        if self.motivo == Motivo.CREDENCIAL_MUDOU:
            return ""
        if self.motivo in (Motivo.MUDOU, Motivo.JA_INCLUIDA):
            return "Ficar com a versão nova"
        return f"Tirar {'a empresa' if self.quantas == 1 else f'as {self.quantas}'} do rascunho"

    @property
    def manter(self) -> str:
        """Label of the button that keeps the edit on top of what is there now; empty when that is impossible."""
        if self.motivo == Motivo.CREDENCIAL_MUDOU:
            return "Conferi a credencial, continuar"
        return "Manter a minha edição" if self.motivo in (Motivo.MUDOU, Motivo.JA_INCLUIDA) else ""

    @property
    def sobram(self) -> int:
        return self.quantas - len(self.empresas)


_TITULOS = {
    Motivo.CREDENCIAL_INATIVA: (
        "A credencial está inativa: não aceita a inclusão ou alteração feita",
        "A credencial está inativa: não aceita as {} inclusões e alterações",
    ),
    Motivo.CREDENCIAL_MUDOU: ("A credencial foi alterada depois que este rascunho começou",) * 2,
    Motivo.GRAVADA_DEPOIS: (
        "1 empresa foi gravada de novo depois desta gravação",
        "{} empresas foram gravadas de novo depois",
    ),
    Motivo.USADA: (
        "1 empresa tem operação por esta credencial, enviada depois da gravação ou ainda não terminada",
        "{} empresas têm operação por esta credencial, enviada depois da gravação ou ainda não terminada",
    ),
    Motivo.FORA: ("1 empresa saiu das suas carteiras", "{} empresas saíram das suas carteiras"),
    Motivo.INATIVA: ("1 empresa está inativa", "{} empresas estão inativas"),
    Motivo.TOMADA: ("1 empresa já está em outra credencial", "{} empresas já estão em outra credencial"),
    Motivo.JA_INCLUIDA: (
        "1 empresa foi incluída nesta credencial por outra pessoa",
        "{} empresas foram incluídas nesta credencial por outra pessoa",
    ),
    Motivo.REMOVIDA: (
        "1 empresa foi excluída desta credencial por outra pessoa",
        "{} empresas foram excluídas desta credencial por outra pessoa",
    ),
    Motivo.MUDOU: (
        "1 empresa foi alterada por outra pessoa depois da sua edição",
        "{} empresas foram alteradas por outra pessoa depois da sua edição",
    ),
    Motivo.OPERACAO: (
        "1 empresa a excluir tem operação não terminada por esta credencial",
        "{} empresas a excluir têm operação não terminada por esta credencial",
    ),
}
_SAIDAS = {
    Motivo.CREDENCIAL_INATIVA: "Só exclusões podem ser gravadas. Peça a um administrador que reative a "
    "credencial, ou tire as inclusões e alterações do rascunho.",
    Motivo.CREDENCIAL_MUDOU: "Confira a credencial: se ela continua sendo a que você quer, siga.",
    Motivo.GRAVADA_DEPOIS: "O que veio depois vale. Faça a correção na janela, como uma alteração nova.",
    Motivo.USADA: "O que foi usado fora, ou ainda pode ser, não se desfaz. "
    "Faça a correção na janela, como uma alteração nova.",
    Motivo.FORA: "Você não pode mais gravá-las. Tire-as do rascunho ou peça a carteira a um administrador.",
    Motivo.INATIVA: "Reative a empresa no cadastro, ou tire-a do rascunho.",
    Motivo.TOMADA: "Uma empresa só pode estar em uma credencial. Exclua-a da outra primeiro, ou tire-a do rascunho.",
    Motivo.JA_INCLUIDA: "Fique com o que já está gravado, ou mantenha a sua edição por cima.",
    Motivo.REMOVIDA: "Tire-a do rascunho; se ela deve continuar na credencial, inclua-a de novo.",
    Motivo.MUDOU: "Fique com o que já está gravado, ou mantenha a sua edição por cima.",
    Motivo.OPERACAO: "Espere a operação terminar (ou desista dela), ou tire a exclusão do rascunho.",
}


def conflitos_do_rascunho(*, usuario: Usuario, credencial: Credencial) -> list[Conflito]:
    """What would stop *Avançar* now."""
    with transaction.atomic():
        rascunho = travar_rascunho(usuario, credencial)
        return conflitos_de(rascunho, travar_credencial(credencial)) if rascunho else []


@transaction.atomic
def tirar(*, usuario: Usuario, credencial: Credencial, motivo: Motivo) -> int:
    """Take the rows in conflict for this reason out of the draft. Returns how many."""
    rascunho = travar_rascunho(usuario, credencial)
    if rascunho is None:
        return 0
    if motivo == Motivo.CREDENCIAL_INATIVA:
        itens = _que_incluem_ou_alteram(rascunho)
    else:
        itens = ItemRascunho.objects.filter(rascunho=rascunho, empresa__in=_em_conflito(rascunho)[motivo])
    return apagar(usuario, itens)


@transaction.atomic
def manter(*, usuario: Usuario, credencial: Credencial, motivo: Motivo) -> int:
    """Base the rows in conflict on what is written now, keeping the user's edit. Returns how many."""
    rascunho = travar_rascunho(usuario, credencial)
    if rascunho is None:
        return 0
    if motivo == Motivo.CREDENCIAL_MUDOU:
        rascunho.credencial_versao = travar_credencial(credencial).versao
        rascunho.save(update_fields=["credencial_versao"])
        return 1
    if motivo not in (Motivo.MUDOU, Motivo.JA_INCLUIDA):
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE credentials_itemrascunho i SET versao_base = v.versao,
                acao = CASE WHEN i.acao = 'incluir' THEN 'alterar' ELSE i.acao END
            FROM credentials_vinculo v
            WHERE i.rascunho_id = %s AND i.empresa_id = ANY(%s) AND v.empresa_id = i.empresa_id AND v.credencial_id = %s
            """,
            [rascunho.pk, _em_conflito(rascunho)[motivo], credencial.pk],
        )
        return int(cursor.rowcount)


def travar_rascunho(usuario: Usuario, credencial: Credencial) -> Rascunho | None:
    """The user's draft on the credencial, locked. Inside a transaction."""
    return Rascunho.objects.select_for_update().filter(usuario=usuario, credencial=credencial).first()


def travar_credencial(credencial: Credencial) -> Credencial:
    """The credencial as it is now, not to change before the commit."""
    consulta = Credencial.objects.raw("SELECT * FROM credentials_credencial WHERE id = %s FOR SHARE", [credencial.pk])
    return consulta[0]


# Counted, so that every row is locked: a join that finds nothing to compare may not read them at all.
_TRAVAR = """
    SELECT count(*) FROM (
        SELECT FROM empresas_empresa
        WHERE id IN (SELECT empresa_id FROM credentials_itemrascunho WHERE rascunho_id = %s)
        ORDER BY id FOR UPDATE
    ) e
"""
_DA_EMPRESA = """
    SELECT CASE WHEN {visivel} THEN 'inativa' ELSE 'fora' END, i.empresa_id
    FROM empresas_empresa e JOIN credentials_itemrascunho i ON i.rascunho_id = %s AND i.empresa_id = e.id
    WHERE NOT {visivel} OR (i.acao = 'incluir' AND NOT e.ativa)
    ORDER BY i.empresa_id
"""
# The first reason that applies to each row of the draft.
_COMPARAR = """
    SELECT conflito, empresa_id FROM (
        SELECT i.empresa_id, CASE
            WHEN v.credencial_id <> %s THEN 'tomada'
            WHEN i.acao = 'incluir' AND v.id IS NOT NULL THEN 'ja_incluida'
            WHEN i.acao <> 'incluir' AND v.id IS NULL THEN 'removida'
            WHEN i.acao <> 'incluir' AND v.versao <> i.versao_base THEN 'mudou'
            WHEN i.acao = 'excluir' AND EXISTS (
                SELECT FROM operacoes_operacao o
                WHERE o.empresa_id = i.empresa_id AND o.acesso = %s AND o.situacao = ANY(%s)
            ) THEN 'operacao'
        END AS conflito
        FROM credentials_itemrascunho i LEFT JOIN credentials_vinculo v ON v.empresa_id = i.empresa_id
        WHERE i.rascunho_id = %s
    ) itens WHERE conflito IS NOT NULL ORDER BY empresa_id
"""


def _em_conflito(rascunho: Rascunho) -> dict[Motivo, list[int]]:
    """Empresa ids of the draft's rows in conflict, by reason. Locks the empresas of the draft, by id, until the commit.

    The lock is a statement of its own: what others wrote while it waited is seen by the next ones.
    """
    usuario, credencial = rascunho.usuario, rascunho.credencial
    visivel, carteiras = "TRUE", []
    if not usuario.administra:  # as Empresa.objects.visiveis(), by literal ids
        visivel, carteiras = "coalesce(e.carteira_id = ANY(%s), FALSE)", [_carteiras(usuario)]
    por_empresa: dict[int, str] = {}
    with connection.cursor() as cursor:
        cursor.execute(_TRAVAR, [rascunho.pk])
        cursor.execute(_DA_EMPRESA.format(visivel=visivel), [*carteiras, rascunho.pk, *carteiras])
        da_empresa = cursor.fetchall()
        abertas = [str(situacao) for situacao in ABERTAS]
        cursor.execute(_COMPARAR, [credencial.pk, credencial.acesso, abertas, rascunho.pk])
        por_empresa = {empresa: motivo for motivo, empresa in cursor.fetchall()}
    for motivo, empresa in da_empresa:
        if motivo == Motivo.FORA:
            por_empresa[empresa] = motivo
        else:
            por_empresa.setdefault(empresa, motivo)
    achados: dict[Motivo, list[int]] = {motivo: [] for motivo in Motivo}
    for empresa, motivo in sorted(por_empresa.items()):
        achados[Motivo(motivo)].append(empresa)
    return achados


def _carteiras(usuario: Usuario) -> list[int]:
    return list(Carteira.objects.filter(usuarios=usuario).values_list("pk", flat=True))


def conflitos_de(rascunho: Rascunho, credencial: Credencial) -> list[Conflito]:
    """Every conflict of the draft; empty when it can be written."""
    conflitos = []
    if not credencial.ativa and (barradas := list(_que_incluem_ou_alteram(rascunho).values_list("empresa", flat=True))):
        conflitos.append(
            Conflito(Motivo.CREDENCIAL_INATIVA, len(barradas), pks=barradas, quem=f"{quem_mudou(credencial)}.")
        )
    if rascunho.credencial_versao != credencial.versao:
        conflitos.append(Conflito(Motivo.CREDENCIAL_MUDOU, 1, quem=f"{quem_mudou(credencial)}."))
    for motivo, empresas in _em_conflito(rascunho).items():
        if empresas:
            nomeadas = _nomear(motivo, empresas, rascunho.usuario, credencial)
            conflitos.append(Conflito(motivo, len(empresas), nomeadas, empresas))
    return conflitos


def _que_incluem_ou_alteram(rascunho: Rascunho) -> QuerySet[ItemRascunho]:
    return ItemRascunho.objects.filter(rascunho=rascunho).exclude(acao=Acao.EXCLUIR).order_by("empresa")


def em_conflito(conflitos: Sequence[Conflito]) -> set[int]:
    """The empresas of all the conflicts, each once."""
    return {pk for conflito in conflitos for pk in conflito.pks}


def impressao(conflitos: Sequence[Conflito]) -> str:
    """A digest of the conflicts: what is resolved at once are the conflicts that were on the screen, and no others."""
    texto = ";".join(f"{c.motivo}:{','.join(map(str, c.pks))}" for c in conflitos)
    return hashlib.sha256(texto.encode()).hexdigest()


def tirar_todas(rascunho: Rascunho, credencial: Credencial, conflitos: Sequence[Conflito]) -> None:
    """Take every empresa in conflict out of the draft, the rest going on with the credencial as it is now. Inside the
    transaction that writes the rest."""
    itens = ItemRascunho.objects.filter(rascunho=rascunho, empresa__in=em_conflito(conflitos))
    apagar(rascunho.usuario, itens)
    rascunho.credencial_versao = credencial.versao
    rascunho.save(update_fields=["credencial_versao"])


def conflitos_de_desfazer(*, usuario: Usuario, gravacao: Gravacao) -> list[Conflito]:
    """What forbids undoing a Gravacao besides the conflicts of its inverse: later writes and effects outside.

    Only the empresas in the user's carteiras are looked at: the inverse has the others in conflict as Motivo.FORA.
    """
    itens = GravacaoItem.objects.filter(gravacao=gravacao, empresa__in=Empresa.objects.visiveis(usuario).values("pk"))
    depois = list(
        itens.filter(empresa__in=GravacaoItem.objects.filter(gravacao__gt=gravacao.pk).values("empresa"))
        .order_by("empresa")
        .values_list("empresa", flat=True)
    )
    usadas = list(
        itens.filter(
            empresa__in=Operacao.objects.filter(_usada_desde(gravacao), acesso=gravacao.credencial.acesso).values(
                "empresa"
            )
        )
        .order_by("empresa")
        .values_list("empresa", flat=True)
    )
    return [
        Conflito(motivo, len(empresas), _nomear(motivo, empresas, usuario, gravacao.credencial, operacoes), empresas)
        for motivo, empresas, operacoes in (
            (Motivo.GRAVADA_DEPOIS, depois, None),
            (Motivo.USADA, usadas, _usada_desde(gravacao)),
        )
        if empresas
    ]


def _usada_desde(gravacao: Gravacao) -> Q:
    """Operacoes that used what the Gravacao wrote, or still may: sent since, or unfinished."""
    return Q(enviada_em__gte=gravacao.quando) | Q(situacao__in=ABERTAS)


def _nomear(
    motivo: Motivo, empresas: Sequence[int], usuario: Usuario, credencial: Credencial, operacoes_de: Q | None = None
) -> list[EmConflito]:
    """Names and links of the first empresas; nothing of those outside the user's carteiras.

    `operacoes_de`: which operations of the credencial are in the way, when operations are.
    """
    if motivo == Motivo.FORA:
        return []
    primeiras = empresas[:_NOMEADAS]
    vinculos = {
        v.empresa_id: v
        for v in Vinculo.objects.filter(empresa__in=primeiras).select_related("credencial", "gravado_por")
    }
    if motivo == Motivo.OPERACAO:
        operacoes_de = Q(situacao__in=ABERTAS)
    operacoes = _operacoes(operacoes_de, primeiras, credencial) if operacoes_de is not None else {}
    gravacoes = _ultimas_gravacoes(primeiras) if motivo in (Motivo.REMOVIDA, Motivo.GRAVADA_DEPOIS) else {}
    return [
        _nomeada(empresa, motivo, vinculos.get(empresa.pk), operacoes.get(empresa.pk), gravacoes.get(empresa.pk))
        for empresa in Empresa.objects.visiveis(usuario).filter(pk__in=primeiras)
    ]


def _operacoes(quais: Q, empresas: Sequence[int], credencial: Credencial) -> dict[int | None, Operacao]:
    return {
        o.empresa_id: o
        for o in Operacao.objects.filter(quais, empresa__in=empresas, acesso=credencial.acesso)
        .select_related("usuario")
        .order_by("criada_em")
    }


def _ultimas_gravacoes(empresas: Sequence[int]) -> dict[int, GravacaoItem]:
    """The last thing written of each empresa, in whatever credencial."""
    return {
        item.empresa_id: item
        for item in GravacaoItem.objects.filter(empresa__in=empresas)
        .select_related("gravacao__usuario", "gravacao__credencial")
        .order_by("gravacao")
    }


def _nomeada(
    empresa: Empresa,
    motivo: Motivo,
    vinculo: Vinculo | None,
    operacao: Operacao | None,
    gravacao_item: GravacaoItem | None,
) -> EmConflito:
    """One empresa with who is in the way since when, and the page that shows it."""
    nome = f"{empresa} · {empresa.documento_mascarado}"
    if operacao is not None:
        quem = f"pedida por {operacao.usuario.nome} " if operacao.usuario else ""
        return EmConflito(
            nome,
            f"operação {operacao.pk}, {quem}em {datahora(operacao.criada_em)}, "
            f"{operacao.get_situacao_display().lower()}",
            reverse("operacoes:ver", args=[operacao.pk]),
            "Ver a operação",
        )
    if gravacao_item is not None:
        gravacao = gravacao_item.gravacao
        return EmConflito(
            nome,
            f"{gravacao_item.get_acao_display().lower()} por {gravacao.usuario.nome} em {datahora(gravacao.quando)}",
            reverse("janela:gravacao", args=[gravacao.credencial.codigo, gravacao.pk]),
            "Ver a gravação",
        )
    if motivo == Motivo.TOMADA and vinculo is not None:
        url = reverse("janela:ver", args=[vinculo.credencial.codigo])
        detalhe = f"na credencial {vinculo.credencial}, {_gravada(vinculo)}"
        return EmConflito(nome, detalhe, url, "Abrir a outra credencial")
    if motivo in (Motivo.MUDOU, Motivo.JA_INCLUIDA) and vinculo is not None:
        servicos = ", ".join(vinculo.servicos_rotulos) or "sem serviços"
        return EmConflito(nome, f"{_gravada(vinculo)}; agora: {servicos}")
    if motivo == Motivo.INATIVA:
        return EmConflito(nome, _quem_inativou(empresa), reverse("empresas:ver", args=[empresa.pk]), "Abrir o cadastro")
    return EmConflito(nome)


def _gravada(vinculo: Vinculo) -> str:
    return f"gravada por {vinculo.gravado_por.nome} em {datahora(vinculo.gravado_em)}"


def _quem_inativou(empresa: Empresa) -> str:
    """By the audit, when the cadastro was changed alone; a bulk change has one row for all its empresas."""
    ultima = Auditoria.objects.filter(objeto=f"empresa:{empresa.pk}").select_related("usuario").first()
    if ultima is None or ultima.usuario is None:
        return ""
    return f"cadastro alterado por {ultima.usuario.nome} em {datahora(ultima.quando)}"
