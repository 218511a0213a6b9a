"""What a line of notas says was rendered: a serviço of the empresa, or an item of LC 116 with its own description."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from comum.documentos import algarismos
from empresas.models import Cnae, Empresa, ItemLc116, ServicoNacional
from nfse.importacao.celulas_notas import Celulas
from nfse.models import ReferenciaCanal, Servico
from nfse.services.calculo import RETENCOES, item_sem_zero
from nfse.services.descricao import montar_descricao
from nfse.services.notas import DadosItem, item_do_servico

UM = Decimal(1)
_DITOS = ("aliquota", "deducao", "cnae", "codigo_municipal", "codigo_nacional", "nbs", "unidade", *RETENCOES)
_SEM_SERVICO = "Falta o que foi prestado: o código de um serviço cadastrado na empresa, ou o item da LC 116."


class Servicos:
    """The serviços that the lines name, the items of LC 116 and the CNAE of the table, read once."""

    def __init__(self, pares: Collection[tuple[int, str]]) -> None:
        empresas, codigos = {empresa for empresa, _ in pares}, {codigo for _, codigo in pares}
        achados = Servico.objects.filter(empresa__in=empresas, codigo__in=codigos)
        self._por_codigo = {(servico.empresa_id, servico.codigo): servico for servico in achados}
        self._itens = frozenset(ItemLc116.objects.values_list("pk", flat=True))
        self._cnaes = frozenset(Cnae.objects.values_list("pk", flat=True))
        self._nacionais = frozenset(ServicoNacional.objects.values_list("pk", flat=True))

    def servico(self, celulas: Celulas, empresa: Empresa) -> Servico | None:
        codigo = celulas.texto("servico")
        if not codigo or empresa.pk is None:
            return None
        servico = self._por_codigo.get((empresa.pk, codigo))
        if servico is None:
            celulas.recusar("servico", f"O serviço {codigo[:20]} não está cadastrado em {empresa}. Confira o código.")
        elif not servico.ativo:
            celulas.recusar("servico", f"O serviço {servico} está inativo. Reative-o em Serviços ou use outro.")
        return servico

    def conferir(self, celulas: Celulas, servico: Servico | None) -> None:
        """Refuse codes that no table has, and a line that contradicts its serviço."""
        item, cnae = celulas.lidas.get("item_lc116"), celulas.lidas.get("cnae")
        if item is not None and item not in self._itens:
            celulas.recusar("item_lc116", f"Não existe o item {item} na lista da LC 116. Confira o número.")
        elif item is not None and servico is not None and item != item_sem_zero(servico.item_lc116_id):
            celulas.recusar(
                "item_lc116",
                f"O serviço {servico.codigo} é do item {item_sem_zero(servico.item_lc116_id)}. Deixe só um dos dois.",
            )
        if cnae is not None and cnae not in self._cnaes:
            celulas.recusar("cnae", "CNAE não existe na tabela do IBGE (2.3). Confira a subclasse.")
        nacional = celulas.lidas.get("codigo_nacional")
        if nacional is not None and nacional not in self._nacionais:
            celulas.recusar("codigo_nacional", f"Não existe o código {nacional} na lista nacional de serviços.")


def item_da_linha(
    celulas: Celulas,
    servico: Servico | None,
    competencia: date,
    atividades: Mapping[int, ReferenciaCanal],
) -> DadosItem | None:
    """The note's one line; cells that could not be read are replaced by harmless ones, since the line is refused
    anyway and the rest of it is still to be checked. None when nothing tells what was rendered."""
    lidas = celulas.lidas
    quantidade, desconto = lidas.get("quantidade", UM), lidas.get("desconto", Decimal(0))
    valor = _valor(celulas, servico)
    if servico is not None:
        item = item_do_servico(
            servico,
            competencia,
            valor=valor,
            quantidade=quantidade,
            desconto=desconto,
            descricao=lidas.get("descricao", ""),
        )
    else:
        lc116 = lidas.get("item_lc116") or _item_do_cnae(celulas, atividades)
        if not lc116:
            if not celulas.ruins & {"empresa", "servico", "item_lc116", "cnae"}:
                celulas.recusar("servico", _SEM_SERVICO)
            return None
        if not celulas.texto("descricao"):
            celulas.recusar("descricao", "Falta a descrição do serviço. Preencha a célula.")
        descricao = montar_descricao(lidas.get("descricao", ""), competencia)
        item = DadosItem(descricao, lc116, valor, quantidade, desconto=desconto)
    ditos: dict[str, Any] = {nome: lidas[nome] for nome in _DITOS if nome in lidas}
    if (atividade := _atividade(celulas, item, atividades)) is not None:
        ditos["atividade"] = atividade
    return replace(item, **ditos) if ditos else item


def _valor(celulas: Celulas, servico: Servico | None) -> Decimal:
    """The unit price; 1 stands for what the line is refused for."""
    if (dito := celulas.lidas.get("valor_unitario")) is not None:
        return Decimal(dito)
    if servico is not None and servico.valor and not celulas.texto("valor_unitario"):
        return servico.valor
    if not celulas.ruins & {"valor_unitario", "servico"}:
        onde = f" O serviço {servico.codigo} não tem valor cadastrado." if servico is not None else ""
        celulas.recusar("valor_unitario", f"Falta o valor.{onde} Preencha a célula, como 1.234,56.")
    return UM


def _do_cnae(celulas: Celulas, atividades: Mapping[int, ReferenciaCanal]) -> list[ReferenciaCanal]:
    cnae = celulas.lidas.get("cnae")
    return [atividade for atividade in atividades.values() if algarismos(atividade.codigo) == cnae] if cnae else []


def _item_do_cnae(celulas: Celulas, atividades: Mapping[int, ReferenciaCanal]) -> str:
    itens = {item_sem_zero(atividade.lc116) for atividade in _do_cnae(celulas, atividades) if atividade.lc116}
    return itens.pop() if len(itens) == 1 else ""


def _atividade(celulas: Celulas, item: DadosItem, atividades: Mapping[int, ReferenciaCanal]) -> int | None:
    """The prestador's atividade: by the CNAE of the line, else the only one of the item of LC 116. Refuses a CNAE that
    is not the prestador's. None where the serviço tells it, or more than one would do."""
    if not atividades:
        return None
    if "cnae" in celulas.lidas:
        suas = _do_cnae(celulas, atividades)
        if not suas and "cnae" not in celulas.ruins:
            tem = ", ".join(sorted({atividade.codigo for atividade in atividades.values()})[:5])
            celulas.recusar("cnae", f"Este CNAE não é do prestador no SISGENF-e. Os dele: {tem}.")
    elif item.atividade is None:
        suas = list(atividades.values())
    else:
        return None
    do_item = [atividade.id_servico for atividade in suas if item_sem_zero(atividade.lc116) == item.item_lc116]
    if len(do_item) == 1:
        return do_item[0]
    return suas[0].id_servico if "cnae" in celulas.lidas and len(suas) == 1 else None
