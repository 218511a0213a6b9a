"""The draft of the window: edits on a credencial kept in the database until *Avançar*.

Nothing here touches Vinculo. Every function keeps to the user's carteiras: outside them an empresa does not exist.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Count, Q, QuerySet

from comum.documentos import mascarar
from comum.models import Usuario
from credentials.models import (
    CAMPOS_VINCULO,
    Acao,
    Autor,
    ConfiguracaoVinculo,
    Credencial,
    ItemRascunho,
    Rascunho,
    Servico,
    Vinculo,
)
from credentials.services import certificados
from credentials.services.certificados import CertificadoNovo
from empresas.models import Empresa

_PARTE = 5_000  # rows per statement
_CERTIFICADO_PERDIDO = "o certificado do procurador não está mais guardado; envie o arquivo de novo em Alterar"


def ordenar(servicos: Iterable[str]) -> list[str]:
    """Services in the order of the screen, once each: equal sets are equal lists."""
    pedidos = set(servicos)
    return [servico.value for servico in Servico if servico.value in pedidos]


@dataclass(frozen=True)
class Configuracao:
    """The editable part of a Vinculo, by value."""

    servicos: tuple[str, ...] = ()
    autor: str = Autor.CONTRATANTE.value
    procurador: str = ""
    procurador_certificado_id: UUID | None = None
    observacao: str = ""

    @classmethod
    def de_valores(
        cls, servicos: Iterable[str], autor: str, procurador: str, certificado: UUID | None, observacao: str
    ) -> "Configuracao":
        """From the columns CAMPOS_VINCULO, in their order."""
        return cls(tuple(ordenar(servicos)), str(autor), procurador, certificado, observacao)

    @classmethod
    def de(cls, origem: ConfiguracaoVinculo) -> "Configuracao":
        return cls.de_valores(
            origem.servicos, origem.autor, origem.procurador, origem.procurador_certificado_id, origem.observacao
        )


@dataclass(frozen=True)
class Mudancas:
    """What one edit changed, field by field, so that a replication copies that and nothing else.

    Each service is a field of its own; autor, procurador and the procurador's certificate are one, for they only make
    sense together. `autor` is (autor, procurador, certificate id); None means unchanged, as in `observacao`.
    """

    mais: tuple[str, ...] = ()
    menos: tuple[str, ...] = ()
    autor: tuple[str, str, UUID | None] | None = None
    observacao: str | None = None

    @classmethod
    def entre(cls, antes: Configuracao, depois: Configuracao) -> "Mudancas":
        autor_antes = (antes.autor, antes.procurador, antes.procurador_certificado_id)
        autor_depois = (depois.autor, depois.procurador, depois.procurador_certificado_id)
        return cls(
            mais=tuple(s for s in depois.servicos if s not in antes.servicos),
            menos=tuple(s for s in antes.servicos if s not in depois.servicos),
            autor=autor_depois if autor_depois != autor_antes else None,
            observacao=depois.observacao if depois.observacao != antes.observacao else None,
        )

    def __bool__(self) -> bool:
        return bool(self.mais or self.menos or self.autor is not None or self.observacao is not None)

    def em(self, atual: Configuracao) -> Configuracao:
        """The configuration after these changes, everything else untouched."""
        autor = self.autor or (atual.autor, atual.procurador, atual.procurador_certificado_id)
        return Configuracao(
            tuple(ordenar((set(atual.servicos) | set(self.mais)) - set(self.menos))),
            *autor,
            observacao=atual.observacao if self.observacao is None else self.observacao,
        )

    def ja_feitas(self) -> Q:
        """Condition of the rows that em() would leave as they are."""
        condicao = Q(servicos__contains=list(self.mais)) & ~Q(servicos__overlap=list(self.menos))
        if self.autor is not None:
            autor, procurador, certificado = self.autor
            condicao &= Q(autor=autor, procurador=procurador, procurador_certificado=certificado)
        return condicao if self.observacao is None else condicao & Q(observacao=self.observacao)

    def em_palavras(self) -> list[str]:
        """pt-BR, one line per changed field."""
        palavras = []
        if self.mais or self.menos:
            sinais = [f"+ {Servico(s).label}" for s in self.mais] + [f"− {Servico(s).label}" for s in self.menos]
            palavras.append("Serviços: " + ", ".join(sinais))
        if self.autor is not None:
            autor, procurador, _ = self.autor
            quem = f" ({mascarar(procurador)})" if procurador else ""
            palavras.append(f"Autor do pedido: {Autor(autor).label}{quem}")
        if self.observacao is not None:
            palavras.append(f"Observação: “{self.observacao}”" if self.observacao else "Observação: apagada")
        return palavras

    def para_json(self) -> dict[str, Any]:
        autor = [self.autor[0], self.autor[1], str(self.autor[2] or "")] if self.autor else None
        return {"mais": list(self.mais), "menos": list(self.menos), "autor": autor, "observacao": self.observacao}

    @classmethod
    def de_json(cls, dados: Mapping[str, Any]) -> "Mudancas":
        autor = dados["autor"]
        return cls(
            tuple(dados["mais"]),
            tuple(dados["menos"]),
            (autor[0], autor[1], UUID(autor[2]) if autor[2] else None) if autor else None,
            dados["observacao"],
        )


@dataclass(frozen=True)
class Recusa:
    """An empresa an edit did not take, and why (pt-BR)."""

    pk: int
    empresa: str
    motivo: str


@dataclass
class Resultado:
    """What an edit of the draft did: empresas taken, those that were like that already, the others with the reason."""

    feitas: int = 0
    iguais: int = 0
    recusas: list[Recusa] = field(default_factory=list)

    def recusar(self, empresa: Empresa, motivo: str) -> None:
        self.recusas.append(Recusa(empresa.pk, f"{empresa} · {empresa.documento_mascarado}", motivo))


@dataclass(frozen=True)
class Exclusao:
    """What *Excluir* did: rows marked to leave the credencial, and inclusions taken out of the draft."""

    marcadas: int
    retiradas: int


@dataclass(frozen=True)
class Contagem:
    incluidas: int
    alteradas: int
    excluidas: int

    @property
    def total(self) -> int:
        return self.incluidas + self.alteradas + self.excluidas

    def __bool__(self) -> bool:
        return self.total > 0


def rascunho_de(usuario: Usuario, credencial: Credencial) -> Rascunho | None:
    return Rascunho.objects.filter(usuario=usuario, credencial=credencial).first()


def contar(rascunho: Rascunho | None) -> Contagem:
    if rascunho is None:
        return Contagem(0, 0, 0)
    por_acao = dict(ItemRascunho.objects.filter(rascunho=rascunho).values_list("acao").annotate(Count("pk")))
    return Contagem(*(por_acao.get(acao.value, 0) for acao in Acao))


def na_grade(credencial: Credencial, rascunho: Rascunho | None) -> Q:
    """Condition of the grid's rows: what is linked to the credencial, overlaid by the draft."""
    condicao = Q(vinculo__credencial=credencial)
    if rascunho is not None:
        condicao |= Q(pk__in=ItemRascunho.objects.filter(rascunho=rascunho).values("empresa"))
    return condicao


def contar_ja_assim(usuario: Usuario, credencial: Credencial, empresas: QuerySet[Empresa], mudancas: Mudancas) -> int:
    """How many of these rows of the grid the changes would leave as they are."""
    itens = ItemRascunho.objects.filter(rascunho=rascunho_de(usuario, credencial))
    gravados = Vinculo.objects.filter(credencial=credencial, empresa__in=empresas.order_by().values("pk"))
    return (
        itens.exclude(acao=Acao.EXCLUIR)
        .filter(mudancas.ja_feitas(), empresa__in=empresas.order_by().values("pk"))
        .count()
        + gravados.filter(mudancas.ja_feitas()).exclude(empresa__in=itens.values("empresa")).count()
    )


def empresas_da_janela(usuario: Usuario, credencial: Credencial, rascunho: Rascunho | None) -> QuerySet[Empresa]:
    """The rows of the grid within the user's carteiras."""
    return Empresa.objects.visiveis(usuario).filter(na_grade(credencial, rascunho))


def travar_ou_criar(usuario: Usuario, credencial: Credencial) -> Rascunho:
    """The user's draft, locked: edits from two tabs follow one another. Inside a transaction.

    An empty draft takes the credencial as it is now. A draft that *Avançar* takes away between the two statements is
    made again.
    """
    while True:
        Rascunho.objects.get_or_create(
            usuario=usuario, credencial=credencial, defaults={"credencial_versao": credencial.versao}
        )
        rascunho = Rascunho.objects.select_for_update().filter(usuario=usuario, credencial=credencial).first()
        if rascunho is not None:
            break
    if not rascunho.itens.exists():
        rascunho.credencial_versao = credencial.versao
    rascunho.save(update_fields=["salvo_em", "credencial_versao"])
    return rascunho


@dataclass(frozen=True)
class _Edicao:
    """A row of the draft to be written."""

    empresa: int
    acao: Acao
    versao_base: int | None
    configuracao: Configuracao


_GRAVAR = """
    INSERT INTO credentials_itemrascunho (rascunho_id, empresa_id, acao, versao_base,
        servicos, autor, procurador, procurador_certificado_id, observacao)
    SELECT %s, e.empresa, e.acao, e.versao, string_to_array(e.servicos, ','), e.autor, e.procurador, e.certificado,
        e.observacao
    FROM unnest(%s::bigint[], %s::text[], %s::bigint[], %s::text[], %s::text[], %s::text[], %s::uuid[], %s::text[])
        AS e (empresa, acao, versao, servicos, autor, procurador, certificado, observacao)
    ON CONFLICT (rascunho_id, empresa_id) DO UPDATE SET acao = excluded.acao, versao_base = excluded.versao_base,
        servicos = excluded.servicos, autor = excluded.autor, procurador = excluded.procurador,
        procurador_certificado_id = excluded.procurador_certificado_id, observacao = excluded.observacao
"""


def _gravar(rascunho: Rascunho, edicoes: Sequence[_Edicao]) -> None:
    with connection.cursor() as cursor:
        for inicio in range(0, len(edicoes), _PARTE):
            parte = edicoes[inicio : inicio + _PARTE]
            configuracoes = [e.configuracao for e in parte]
            colunas: list[list[Any]] = [
                [e.empresa for e in parte],
                [e.acao.value for e in parte],
                [e.versao_base for e in parte],
                [",".join(c.servicos) for c in configuracoes],
                [c.autor for c in configuracoes],
                [c.procurador for c in configuracoes],
                [c.procurador_certificado_id for c in configuracoes],
                [c.observacao for c in configuracoes],
            ]
            cursor.execute(_GRAVAR, [rascunho.pk, *colunas])


def _certificados_de(itens: QuerySet[ItemRascunho]) -> set[UUID]:
    """The procuradores' certificates that these rows name: nobody may need them when the rows go or change."""
    nomeados = itens.filter(procurador_certificado__isnull=False).order_by()
    return {pk for pk in nomeados.values_list("procurador_certificado", flat=True).distinct() if pk}


def _perdidos(nomeados: Iterable[UUID | None], novo: CertificadoNovo | None) -> set[UUID]:
    """Of the certificates that an edit names, those that another tab's edit has taken away since the form was shown."""
    guardados = {pk for pk in nomeados if pk is not None and (novo is None or pk != novo.pk)}
    return guardados - certificados.travar(guardados) if guardados else set()


def apagar(usuario: Usuario, itens: QuerySet[ItemRascunho]) -> int:
    """Take rows out of the draft, and with them the certificates that only they named."""
    nomeados = _certificados_de(itens)
    quantos = itens.delete()[0]
    certificados.descartar(usuario, nomeados)
    return quantos


def _guardar_certificado(usuario: Usuario, novo: CertificadoNovo | None, edicoes: Sequence[_Edicao]) -> None:
    """Save the procurador's new certificate together with the rows that name it, or not at all."""
    if novo is not None and any(e.configuracao.procurador_certificado_id == novo.pk for e in edicoes):
        certificados.guardar_do_procurador(usuario, novo)


class _Gravado(NamedTuple):
    """A Vinculo, in any credencial, as plain values: model objects by the thousand cost more than the rest."""

    credencial: UUID
    versao: int
    configuracao: Configuracao


class _Editado(NamedTuple):
    """A row of the draft, as plain values."""

    acao: Acao
    versao_base: int | None
    configuracao: Configuracao


def _partes(
    usuario: Usuario, rascunho: Rascunho, pks: Sequence[int]
) -> Iterable[tuple[Empresa, _Gravado | None, _Editado | None]]:
    """Each visible empresa with its Vinculo (in any credencial) and its edit in this draft."""
    for inicio in range(0, len(pks), _PARTE):
        parte = pks[inicio : inicio + _PARTE]
        vinculos = {
            empresa: _Gravado(credencial, versao, Configuracao.de_valores(*valores))
            for empresa, credencial, versao, *valores in Vinculo.objects.filter(empresa__in=parte)
            .order_by()
            .values_list("empresa", "credencial", "versao", *CAMPOS_VINCULO)
        }
        itens = {
            empresa: _Editado(Acao(acao), versao_base, Configuracao.de_valores(*valores))
            for empresa, acao, versao_base, *valores in ItemRascunho.objects.filter(
                rascunho=rascunho, empresa__in=parte
            ).values_list("empresa", "acao", "versao_base", *CAMPOS_VINCULO)
        }
        empresas = Empresa.objects.visiveis(usuario).filter(pk__in=parte).order_by("pk")
        for empresa in empresas.only("codigo", "documento", "razao_social", "ativa"):
            yield empresa, vinculos.get(empresa.pk), itens.get(empresa.pk)


@transaction.atomic
def incluir(
    *,
    usuario: Usuario,
    credencial: Credencial,
    configuracoes: Mapping[int, Configuracao],
    certificado: CertificadoNovo | None = None,
) -> Resultado:
    """Put inclusions into the draft: one configuration per empresa id. Including a row excluded in the same draft
    brings it back as a change. `certificado`: the new one that the configurations name, saved if any row takes it."""
    rascunho, resultado = travar_ou_criar(usuario, credencial), Resultado()
    edicoes: list[_Edicao] = []
    iguais: list[int] = []
    perdidos = _perdidos({c.procurador_certificado_id for c in configuracoes.values()}, certificado)
    for empresa, vinculo, item in _partes(usuario, rascunho, sorted(configuracoes)):
        configuracao = configuracoes[empresa.pk]
        if not empresa.ativa:
            resultado.recusar(empresa, "a empresa está inativa; reative-a no cadastro antes de vincular")
        elif vinculo is not None and vinculo.credencial != credencial.pk:
            resultado.recusar(empresa, "já está em outra credencial; exclua-a de lá primeiro")
        elif item is not None and item.acao != Acao.EXCLUIR:
            resultado.recusar(empresa, "já está no rascunho desta credencial; use Alterar")
        elif vinculo is not None and item is None:
            resultado.recusar(empresa, "já está nesta credencial; use Alterar")
        elif configuracao.procurador_certificado_id in perdidos:
            resultado.recusar(empresa, _CERTIFICADO_PERDIDO)
        elif vinculo is None:
            edicoes.append(_Edicao(empresa.pk, Acao.INCLUIR, None, configuracao))
        elif vinculo.configuracao == configuracao:
            iguais.append(empresa.pk)
        else:
            edicoes.append(_Edicao(empresa.pk, Acao.ALTERAR, vinculo.versao, configuracao))
    _guardar_certificado(usuario, certificado, edicoes)
    _gravar(rascunho, edicoes)
    ItemRascunho.objects.filter(rascunho=rascunho, empresa__in=iguais).delete()
    resultado.feitas = len(edicoes) + len(iguais)
    return resultado


@transaction.atomic
def alterar(
    *,
    usuario: Usuario,
    credencial: Credencial,
    mudancas: Mapping[int, Mudancas],
    certificado: CertificadoNovo | None = None,
) -> Resultado:
    """Apply to each empresa id the fields changed, in the draft. A row that ends as it was leaves the draft.

    `certificado`: the new one that the changes name, saved if any row takes it.
    """
    rascunho, resultado = travar_ou_criar(usuario, credencial), Resultado()
    edicoes: list[_Edicao] = []
    iguais: list[int] = []
    editadas = ItemRascunho.objects.filter(rascunho=rascunho, empresa__in=list(mudancas))
    trocados = _certificados_de(editadas)
    perdidos = _perdidos({m.autor[2] for m in mudancas.values() if m.autor is not None}, certificado)
    for empresa, vinculo, item in _partes(usuario, rascunho, sorted(mudancas)):
        daqui = vinculo if vinculo is not None and vinculo.credencial == credencial.pk else None
        if item is not None and item.acao == Acao.EXCLUIR:
            resultado.recusar(empresa, "está excluída no rascunho; desfaça a exclusão antes de alterar")
            continue
        if item is not None:
            origem = _Edicao(empresa.pk, item.acao, item.versao_base, item.configuracao)
        elif daqui is not None:
            origem = _Edicao(empresa.pk, Acao.ALTERAR, daqui.versao, daqui.configuracao)
        else:
            resultado.recusar(empresa, "não está mais nesta credencial")
            continue
        nova = mudancas[empresa.pk].em(origem.configuracao)
        if not nova.servicos:
            resultado.recusar(empresa, "ficaria sem nenhum serviço; para isso use Excluir")
            continue
        if nova.procurador_certificado_id in perdidos:
            resultado.recusar(empresa, _CERTIFICADO_PERDIDO)
            continue
        if nova == origem.configuracao:
            resultado.iguais += 1
            continue
        resultado.feitas += 1
        if daqui is not None and origem.versao_base == daqui.versao and nova == daqui.configuracao:
            iguais.append(empresa.pk)
        else:
            edicoes.append(replace(origem, configuracao=nova))
    _guardar_certificado(usuario, certificado, edicoes)
    _gravar(rascunho, edicoes)
    editadas.filter(empresa__in=iguais).delete()
    certificados.descartar(usuario, trocados)
    return resultado


@transaction.atomic
def excluir(*, usuario: Usuario, credencial: Credencial, empresas: QuerySet[Empresa]) -> Exclusao:
    """Mark the empresas as excluded; one that was only included leaves the draft, even if somebody else has linked it
    to the credencial meanwhile: that Vinculo is not what the user saw."""
    rascunho = travar_ou_criar(usuario, credencial)
    visiveis = empresas.filter(pk__in=Empresa.objects.visiveis(usuario).values("pk"))
    pks = set(visiveis.values_list("pk", flat=True))
    editadas = ItemRascunho.objects.filter(rascunho=rascunho, empresa__in=pks)
    nomeados = _certificados_de(editadas)
    inclusoes = editadas.filter(acao=Acao.INCLUIR)
    retiradas = set(inclusoes.values_list("empresa", flat=True))
    inclusoes.delete()
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO credentials_itemrascunho (rascunho_id, empresa_id, acao, versao_base,
                servicos, autor, procurador, procurador_certificado_id, observacao)
            SELECT %s, v.empresa_id, 'excluir', v.versao,
                v.servicos, v.autor, v.procurador, v.procurador_certificado_id, v.observacao
            FROM credentials_vinculo v WHERE v.credencial_id = %s AND v.empresa_id = ANY(%s)
            ON CONFLICT (rascunho_id, empresa_id) DO UPDATE SET acao = 'excluir', servicos = excluded.servicos,
                autor = excluded.autor, procurador = excluded.procurador,
                procurador_certificado_id = excluded.procurador_certificado_id, observacao = excluded.observacao
            WHERE credentials_itemrascunho.acao = 'alterar'
            """,
            [rascunho.pk, credencial.pk, sorted(pks - retiradas)],
        )
        marcadas = int(cursor.rowcount)
    certificados.descartar(usuario, nomeados)
    return Exclusao(marcadas, len(retiradas))


@transaction.atomic
def desfazer_linhas(*, usuario: Usuario, credencial: Credencial, empresas: Iterable[int]) -> int:
    """Take the edits of these empresas out of the draft."""
    rascunho = travar_ou_criar(usuario, credencial)
    return apagar(usuario, ItemRascunho.objects.filter(rascunho=rascunho, empresa__in=list(empresas)))


@transaction.atomic
def cancelar(*, usuario: Usuario, credencial: Credencial) -> int:
    """Undo every edit not yet written. Returns how many there were."""
    rascunho = travar_ou_criar(usuario, credencial)
    quantos = apagar(usuario, ItemRascunho.objects.filter(rascunho=rascunho))
    rascunho.delete()
    return quantos


_MARCAS = {Acao.INCLUIR: "incluida", Acao.ALTERAR: "alterada", Acao.EXCLUIR: "excluida"}


@dataclass(frozen=True)
class LinhaJanela:
    """One row of the grid: the empresa as it will be after *Avançar*, and what the draft does to it."""

    empresa: Empresa
    vinculo: Vinculo | None
    item: ItemRascunho | None

    @property
    def atual(self) -> ConfiguracaoVinculo:
        origem = self.item or self.vinculo
        assert origem is not None  # noqa: S101 - the grid's query guarantees one of them
        return origem

    @property
    def marca(self) -> str:
        """Mark of an edited row: incluida, alterada or excluida; empty for the others."""
        return _MARCAS[Acao(self.item.acao)] if self.item else ""

    @property
    def mudancas(self) -> list[str]:
        if self.item is None or self.vinculo is None or self.item.acao != Acao.ALTERAR:
            return []
        return Mudancas.entre(Configuracao.de(self.vinculo), Configuracao.de(self.item)).em_palavras()

    @property
    def desatualizada(self) -> bool:
        """Somebody wrote the Vinculo after this edit began: *Avançar* will stop here."""
        if self.item is None:
            return False
        return (self.vinculo.versao if self.vinculo else None) != self.item.versao_base


def linhas(empresas: Sequence[Empresa], credencial: Credencial, rascunho: Rascunho | None) -> list[LinhaJanela]:
    """The grid rows of a page of empresas. Two queries."""
    vinculos = {v.empresa_id: v for v in Vinculo.objects.filter(credencial=credencial, empresa__in=empresas)}
    itens = (
        {i.empresa_id: i for i in ItemRascunho.objects.filter(rascunho=rascunho, empresa__in=empresas)}
        if rascunho
        else {}
    )
    return [LinhaJanela(e, vinculos.get(e.pk), itens.get(e.pk)) for e in empresas]
