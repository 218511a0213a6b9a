"""One month of MIT as a person types it: the answers of the month, and its debits in a sheet."""

import re
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django import forms
from django.http import QueryDict

from comum.documentos import Invalido, cpf, mascarar
from empresas.models import Empresa, Regime
from empresas.municipios import Municipios
from guias.models import ApuracaoMit
from guias.services import debitos_mit, mit, suspensoes_mit

LINHAS_EM_BRANCO, MAXIMO_DE_LINHAS = 5, 300


class MesDoMitForm(forms.Form):
    sem_movimento = forms.BooleanField(label="Sem movimento no mês", required=False)
    cpf_responsavel = forms.CharField(
        label="CPF do responsável", error_messages={"required": "Informe o CPF do responsável pela apuração."}
    )
    qualificacao = forms.TypedChoiceField(label="Qualificação da PJ", coerce=int, choices=mit.QUALIFICACOES)
    tributacao = forms.TypedChoiceField(label="Tributação do lucro", coerce=int, choices=mit.TRIBUTACOES)
    variacoes = forms.TypedChoiceField(label="Variações monetárias", coerce=int, choices=mit.VARIACOES)
    regime = forms.TypedChoiceField(label="Regime do PIS e da Cofins", coerce=int, choices=mit.REGIMES)
    balanco = forms.BooleanField(label="Levantou balanço de suspensão ou redução (só do real anual)", required=False)
    versao = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2**31 - 1)

    def clean_cpf_responsavel(self) -> str:
        lido = cpf(self.cleaned_data["cpf_responsavel"])
        if isinstance(lido, Invalido):
            raise forms.ValidationError(lido.mensagem)
        return lido


@dataclass
class LinhaDigitada:
    """One row of the sheet as typed, what its code says of the tribute, and what is wrong with each cell."""

    codigo: str = ""
    valor: str = ""
    grupo: str = ""
    periodo: str = ""
    cnpj_scp: str = ""
    estabelecimento: str = ""
    evento: str = ""
    referente: str = ""
    tributo: str = ""
    chave: str = ""  # of the debit that the row is, when it is one
    erros: dict[str, str] = field(default_factory=dict)

    @property
    def textos(self) -> dict[str, str]:
        return {coluna: getattr(self, coluna) for coluna in debitos_mit.COLUNAS}

    @property
    def vazia(self) -> bool:
        return not any(texto.strip() for texto in self.textos.values())


@dataclass
class EventoDigitado:
    dia: str = ""
    tipo: str = ""
    erro: str = ""


def linhas_de(apuracao: ApuracaoMit | None, como: dict[str, str]) -> list[LinhaDigitada]:
    """The stored debits, then blank rows. `como`: how a value is shown, by text."""
    tabela = debitos_mit.conhecidos()
    do_ouro = any(debitos_mit.eh_do_ouro(debito) for debito in (apuracao.debitos if apuracao else []))
    municipios = Municipios() if do_ouro else None
    linhas = []
    for debito in apuracao.debitos if apuracao else []:
        dito, referente = debitos_mit.grupo_dito(debito["codigo"], tabela), debito.get("referente", "")
        linhas.append(
            LinhaDigitada(
                codigo=f"{debito['codigo'][:4]}-{debito['codigo'][4:]}",
                valor=como.get(debito["valor"], debito["valor"]),
                grupo="" if dito else debito["tributo"],
                tributo=dito,
                periodo=debito.get("periodo", ""),
                cnpj_scp=mascarar(debito.get("cnpj_scp", "")),
                estabelecimento=debito.get("estabelecimento", ""),
                evento=debito.get("evento", ""),
                referente=municipios.nome(referente) if municipios and debitos_mit.eh_do_ouro(debito) else referente,
                chave=suspensoes_mit.chave(debito),
            )
        )
    return linhas + [LinhaDigitada() for _ in range(LINHAS_EM_BRANCO)]


def ler_linhas(dados: QueryDict, empresa: Empresa) -> tuple[list[LinhaDigitada], list[dict[str, Any]], list[str]]:
    """(rows as typed, debits read, what is wrong in words)."""
    colunas = [dados.getlist(coluna)[:MAXIMO_DE_LINHAS] for coluna in debitos_mit.COLUNAS]
    quantas = max((len(coluna) for coluna in colunas), default=0)
    tabela, municipios = debitos_mit.conhecidos(), cache(Municipios)
    linhas, debitos, ditos = [], [], []
    vistos: dict[tuple[str, ...], int] = {}
    for posicao in range(quantas):
        textos = [coluna[posicao] if posicao < len(coluna) else "" for coluna in colunas]
        linha = LinhaDigitada(**dict(zip(debitos_mit.COLUNAS, textos, strict=True)), erros={})
        linha.tributo = debitos_mit.grupo_dito(linha.codigo, tabela)
        linhas.append(linha)
        if linha.vazia:
            continue
        debito, linha.erros = debitos_mit.ler(linha.textos, tabela, empresa.documento, municipios)
        chave = debitos_mit.repetido(debito)
        if not linha.erros and chave in vistos:
            linha.erros["codigo"] = f"Repete a linha {vistos[chave]}. Some os dois valores numa só."
        vistos.setdefault(chave, posicao + 1)
        ditos += [f"Linha {posicao + 1}: {dito}" for dito in linha.erros.values()]
        if not linha.erros:
            linha.chave = suspensoes_mit.chave(debito)
            debitos.append(debito)
    return linhas, debitos, ditos


def eventos_de(apuracao: ApuracaoMit | None) -> list[EventoDigitado]:
    """The stored events, then blank rows up to the most that a month has."""
    eventos = [EventoDigitado(str(e["dia"]), str(e["tipo"])) for e in (apuracao.eventos if apuracao else [])]
    return eventos + [EventoDigitado() for _ in range(mit.MAIS_EVENTOS - len(eventos))]


def ler_eventos(dados: QueryDict) -> tuple[list[EventoDigitado], list[dict[str, int]], list[str]]:
    """(rows as typed, events by day, what is wrong in words)."""
    linhas = [
        EventoDigitado(dia.strip()[:9], tipo.strip()[:9])
        for dia, tipo in zip(dados.getlist("evento_dia"), dados.getlist("evento_tipo"), strict=False)
    ][: mit.MAIS_EVENTOS]
    lidos, ditos = [], []
    tipos = {str(numero) for numero, _ in mit.EVENTOS}
    for numero, linha in enumerate(linhas, 1):
        if not linha.dia and not linha.tipo:
            continue
        if not re.fullmatch(r"0?[1-9]|[12][0-9]|3[01]", linha.dia) or linha.tipo not in tipos:
            linha.erro = f"Evento {numero}: informe o dia, de 1 a 31, e o tipo."
            ditos.append(linha.erro)
        else:
            lidos.append({"dia": int(linha.dia), "tipo": int(linha.tipo)})
    linhas += [EventoDigitado() for _ in range(mit.MAIS_EVENTOS - len(linhas))]
    return linhas, sorted(lidos, key=lambda evento: evento["dia"]), ditos


def inicial_de(apuracao: ApuracaoMit | None, anterior: ApuracaoMit | None, regime: str) -> dict[str, Any]:
    """What the form shows: the month, else the answers of the one before, else those of the empresa's regime. A month
    that only the Receita told of has no answers."""
    base = next((mes for mes in (apuracao, anterior) if mes is not None and mes.preparada_por_id), None)
    versao = apuracao.versao if apuracao else 0
    if base is not None:
        return {
            "sem_movimento": apuracao.sem_movimento if apuracao else False,
            "cpf_responsavel": mascarar(base.cpf_responsavel),
            "qualificacao": base.qualificacao,
            "tributacao": base.tributacao,
            "variacoes": base.variacoes,
            "regime": base.regime,
            "balanco": apuracao.balanco if apuracao else False,
            "versao": versao,
        }
    real = regime == Regime.REAL
    return {
        "qualificacao": 1,
        "tributacao": 1 if real else mit.PRESUMIDO,
        "variacoes": 1,
        "regime": 1 if real else 2,
        "versao": versao,
    }
