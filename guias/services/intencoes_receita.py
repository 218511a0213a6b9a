"""The Operacoes of what the Receita is asked about an empresa, and of what is told to it once a year."""

import hashlib
import json
from dataclasses import replace

from comum.documentos import Invalido, cpf
from comum.formatos import format_data
from guias.providers import caixapostal
from guias.services import defis
from guias.services.acesso import Codigo, Fora, partes_de
from guias.services.contextos import ContextoAnual, ContextoDaCaixa
from guias.services.intencoes import Item
from guias.services.pedidos import Pedido, do_contador, partes_para_json
from operacoes.models import ABERTAS
from operacoes.motor import NovaOperacao

DE_NOVO = "de_novo"  # parameter: "1" asks again what was already answered today
_STATUS = {"": caixapostal.NAO_LIDAS, "nao_lidas": caixapostal.NAO_LIDAS, "todas": caixapostal.TODAS}
REGIMES = ("COMPETENCIA", "CAIXA")


def _do_dia(
    item: Item, tipo: str, nome: str, pedido: Pedido, *, livre: bool = False, como: str = "marque Pedir de novo"
) -> NovaOperacao | Fora:
    """One question a day, unless it is wanted again (`como`, in pt-BR); `livre` for what costs nothing. An open one is
    never doubled."""
    base = f"{nome}:{item.empresa.pk}:{item.contexto.hoje:%Y%m%d}"
    do_dia = [(chave, situacao) for _, chave, situacao in item.contexto.operacoes[item.empresa.pk] if _sob(chave, base)]
    if any(situacao in ABERTAS for _, situacao in do_dia):
        return item.fora(Codigo.ANDAMENTO, "Já foi pedido e ainda não terminou. Espere a resposta.")
    vez = 1
    while item.contexto.feita(item.empresa.pk, _vez(base, vez)):
        vez += 1
    if vez > 1 and not livre and item.parametros.get(DE_NOVO) != "1":
        motivo = f"Já consultada hoje: a resposta está guardada. Para pagar outra consulta, {como}."
        return item.fora(Codigo.JA_CONSULTADA, motivo)
    return item.nova(tipo, _vez(base, vez), pedido)


def _vez(base: str, vez: int) -> str:
    return base if vez == 1 else f"{base}:{vez}"


def _sob(chave: str, base: str) -> bool:
    return chave == base or chave.startswith(f"{base}:")


def relatorio_sitfis(item: Item) -> NovaOperacao | Fora:
    return _do_dia(item, "guias.sitfis.relatorio", "sitfis", {})


def mensagens_novas(item: Item) -> NovaOperacao | Fora:
    return _do_dia(item, "guias.caixapostal.novas", "caixa.novas", {}, livre=True)


def mensagens_listadas(item: Item) -> NovaOperacao | Fora:
    status = _STATUS.get(item.parametros.get("quais", ""), caixapostal.NAO_LIDAS)
    contexto = item.contexto
    if status == caixapostal.NAO_LIDAS and isinstance(contexto, ContextoDaCaixa):
        desde = contexto.sem_novas.get(item.empresa.pk)
        if desde is not None:
            motivo = (
                f"A verificação de {format_data(desde)} diz que não há mensagens novas: não é preciso pagar a lista."
            )
            return item.fora(Codigo.SEM_NOVAS, motivo)
    return _do_dia(item, "guias.caixapostal.listar", f"caixa.lista{status}", {"status": status, "chave": status})


def dte(item: Item) -> NovaOperacao | Fora:
    if not item.empresa.eh_pj:
        return item.fora(Codigo.REGIME, "O DTE só se consulta para CNPJ.")
    return _do_dia(item, "guias.dte.consultar", "dte", {})


def processos(item: Item) -> NovaOperacao | Fora:
    return _do_dia(item, "guias.eprocesso.consultar", "eprocesso", {})


def regimes(item: Item) -> NovaOperacao | Fora:
    if not item.empresa.eh_pj:
        return item.fora(Codigo.REGIME, "Só empresas com CNPJ têm opção por regime de apuração.")
    return _do_dia(item, "guias.regime.consultar", "regimes", {})


def defis_transmitidas(item: Item) -> NovaOperacao | Fora:
    if not item.empresa.eh_pj:
        return item.fora(Codigo.REGIME, "Só empresas com CNPJ entregam DEFIS.")
    return _do_dia(item, "guias.defis.consultar", "defis.lista", {})


def ultima_defis(item: Item) -> NovaOperacao | Fora:
    if not item.empresa.eh_pj:
        return item.fora(Codigo.REGIME, "Só empresas com CNPJ entregam DEFIS.")
    ano = item.parametros["ano"]
    return _do_dia(item, "guias.defis.ultima", f"defis.ultima{ano}", {"ano": int(ano), "chave": ano})


def ano_do_pgdasd(item: Item) -> NovaOperacao | Fora:
    """Of the year that the screen named, else that of the competência."""
    ano = item.parametros.get("ano") or str(item.contexto.competencia.year)
    como = "abra o ano da empresa e consulte de novo por lá"
    return _do_dia(item, "guias.pgdasd.ano", f"pgdasd.ano{ano}", {"chave": ano}, como=como)


def _anual(item: Item) -> tuple[ContextoAnual, int]:
    if not isinstance(item.contexto, ContextoAnual):
        raise TypeError("this action reads the year's facts")
    return item.contexto, int(item.parametros["ano"])


def _aberta(item: Item, base: str) -> Fora | None:
    for _, chave, situacao in item.contexto.operacoes[item.empresa.pk]:
        if _sob(chave, base) and situacao in ABERTAS:
            return item.fora(Codigo.ANDAMENTO, "Há um envio em andamento ou em dúvida. Espere que termine.")
    return None


def transmissao_da_defis(item: Item) -> NovaOperacao | Fora:
    contexto, ano = _anual(item)
    rascunho = contexto.rascunhos.get((item.empresa.pk, ano))
    if rascunho is None:
        return item.fora(Codigo.DADOS, f"A DEFIS de {ano} ainda não foi preenchida. Abra-a e preencha.")
    lida, erros = defis.ler(rascunho.dados, item.empresa, ano, lambda: contexto.municipios)
    if lida is None:
        primeiro = next(iter(erros.por_campo.values()))
        return item.fora(Codigo.DADOS, f"A DEFIS de {ano} tem o que corrigir: {primeiro}")
    base = f"defis.transmitir:{item.empresa.pk}:{ano}"
    if parada := _aberta(item, base):
        return parada
    conhecidas = [declaracao.numero for declaracao in contexto.defis.get((item.empresa.pk, ano), [])]
    if conhecidas and item.parametros.get("retifica") != conhecidas[-1]:
        motivo = f"A DEFIS de {ano} já foi transmitida ({conhecidas[-1]}). Abra-a e confirme que quer retificá-la."
        return item.fora(Codigo.JA_FEITA, motivo)
    pedido: Pedido = {
        "ano": ano,
        "defis": defis.para_json(lida),
        "conhecidas": conhecidas,
        "conteudo": hashlib.sha256(json.dumps(defis.para_json(lida), sort_keys=True).encode()).hexdigest()[:16],
    }
    nova = item.nova("guias.defis.transmitir", f"{base}:{len(conhecidas) + 1}", pedido)
    return replace(nova, prazo=defis.prazo_da_defis(ano))


def opcao_de_regime(item: Item) -> NovaOperacao | Fora:
    contexto, ano = _anual(item)
    escolhido = item.parametros.get("regime", "")
    if escolhido not in REGIMES:
        return item.fora(Codigo.DADOS, "Escolha competência ou caixa.")
    if not item.empresa.eh_pj:
        return item.fora(Codigo.REGIME, "Só empresas com CNPJ fazem a opção.")
    feita = contexto.opcoes.get((item.empresa.pk, ano))
    if feita is not None:
        motivo = f"A opção de {ano} já foi feita ({feita.get_regime_display().lower()}) e não pode ser mudada."
        return item.fora(Codigo.JA_FEITA, motivo)
    base = f"regime.optar:{item.empresa.pk}:{ano}"
    if parada := _aberta(item, base):
        return parada
    return item.nova("guias.regime.optar", base, {"ano": ano, "regime": escolhido})


def renuncia_na_redesim(item: Item) -> NovaOperacao | Fora:
    responsavel = cpf(item.parametros.get("responsavel", ""))
    if isinstance(responsavel, Invalido):
        return item.fora(Codigo.DADOS, f"CPF do responsável pelo certificado do escritório: {responsavel.mensagem}")
    if not item.empresa.eh_pj:
        return item.fora(Codigo.REGIME, "Só há vínculo de contador com CNPJ.")
    base = f"redesim.renunciar:{item.empresa.pk}"
    if parada := _aberta(item, base):
        return parada
    do_dia = f"{base}:{item.contexto.hoje:%Y%m%d}"
    if item.contexto.feita(item.empresa.pk, do_dia):
        return item.fora(Codigo.JA_FEITA, "A renúncia foi pedida hoje e já terminou. Consulte os vínculos na Redesim.")
    # Once granted it may be given up again only after the empresa names the office anew: another day, another key.
    nova = item.nova(
        "guias.redesim.renunciar",
        do_dia,
        {"cnpj": item.empresa.documento, "responsavel": responsavel, "credencial": str(item.vinculo.credencial_id)},
    )
    nova.pedido["partes"] = partes_para_json(do_contador(partes_de(item.vinculo, item.empresa)))
    return nova
