"""One month of MIT as a person types it: the answers of the month, and its debits in a sheet."""

import re
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.http import QueryDict

from comum.documentos import Invalido, cpf
from comum.formatos import parse_dinheiro
from empresas.models import Regime
from guias.models import ApuracaoMit
from guias.services import mit

LINHAS_EM_BRANCO, MAXIMO_DE_LINHAS = 5, 300
_COLUNAS = ("codigo", "valor", "periodo", "cnpj_scp")


class MesDoMitForm(forms.Form):
    sem_movimento = forms.BooleanField(label="Sem movimento no mês", required=False)
    cpf_responsavel = forms.CharField(
        label="CPF do responsável", error_messages={"required": "Informe o CPF do responsável pela apuração."}
    )
    qualificacao = forms.TypedChoiceField(label="Qualificação da PJ", coerce=int, choices=mit.QUALIFICACOES)
    tributacao = forms.TypedChoiceField(label="Tributação do lucro", coerce=int, choices=mit.TRIBUTACOES)
    variacoes = forms.TypedChoiceField(label="Variações monetárias", coerce=int, choices=mit.VARIACOES)
    regime = forms.TypedChoiceField(label="Regime do PIS e da Cofins", coerce=int, choices=mit.REGIMES)
    versao = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2**31 - 1)

    def clean_cpf_responsavel(self) -> str:
        lido = cpf(self.cleaned_data["cpf_responsavel"])
        if isinstance(lido, Invalido):
            raise forms.ValidationError(lido.mensagem)
        return lido


@dataclass
class LinhaDigitada:
    """One row of the sheet as typed, and what is wrong with each cell."""

    codigo: str = ""
    valor: str = ""
    periodo: str = ""
    cnpj_scp: str = ""
    erros: dict[str, str] = field(default_factory=dict)

    @property
    def vazia(self) -> bool:
        return not any(getattr(self, coluna).strip() for coluna in _COLUNAS)

    @property
    def tributo(self) -> str:
        grupo = mit.grupos_por_codigo().get(re.sub(r"\D", "", self.codigo)[:4], "")
        return mit.ROTULOS.get(grupo, "")


def linhas_de(apuracao: ApuracaoMit | None, como: dict[str, str]) -> list[LinhaDigitada]:
    """The stored debits, then blank rows. `como`: how a value is shown, by text."""
    debitos = apuracao.debitos if apuracao else []
    linhas = [
        LinhaDigitada(
            codigo=f"{debito['codigo'][:4]}-{debito['codigo'][4:]}",
            valor=como.get(debito["valor"], debito["valor"]),
            periodo=debito.get("periodo", ""),
            cnpj_scp=debito.get("cnpj_scp", ""),
        )
        for debito in debitos
    ]
    return linhas + [LinhaDigitada() for _ in range(LINHAS_EM_BRANCO)]


def ler_linhas(dados: QueryDict) -> tuple[list[LinhaDigitada], list[dict[str, Any]], list[str]]:
    """(rows as typed, debits read, what is wrong in words)."""
    colunas = [dados.getlist(coluna)[:MAXIMO_DE_LINHAS] for coluna in _COLUNAS]
    quantas = max((len(coluna) for coluna in colunas), default=0)
    grupos = mit.grupos_por_codigo()
    linhas, debitos, ditos = [], [], []
    vistos: dict[tuple[str, str, str], int] = {}
    for posicao in range(quantas):
        textos = [coluna[posicao] if posicao < len(coluna) else "" for coluna in colunas]
        linha = LinhaDigitada(**dict(zip(_COLUNAS, textos, strict=True)), erros={})
        linhas.append(linha)
        if linha.vazia:
            continue
        codigo, valor = re.sub(r"\D", "", linha.codigo), parse_dinheiro(linha.valor)
        tributo = grupos.get(codigo[:4], "")
        if len(codigo) != 6 or not tributo:
            linha.erros["codigo"] = mit.CODIGO_ERRADO
        if isinstance(valor, Invalido):
            linha.erros["valor"] = valor.mensagem
        elif not valor:
            linha.erros["valor"] = "O valor do débito é maior que zero."
        periodo, scp = linha.periodo.strip()[:10], re.sub(r"[\s./-]", "", linha.cnpj_scp).upper()[:14]
        chave = (codigo, periodo, scp)
        if not linha.erros and chave in vistos:
            linha.erros["codigo"] = f"Repete a linha {vistos[chave]}. Some os dois valores numa só."
        vistos.setdefault(chave, posicao + 1)
        ditos += [f"Linha {posicao + 1}: {dito}" for dito in linha.erros.values()]
        if not linha.erros:
            debito = {"tributo": tributo, "codigo": codigo, "valor": str(valor)}
            debitos.append(debito | ({"periodo": periodo} if periodo else {}) | ({"cnpj_scp": scp} if scp else {}))
    return linhas, debitos, ditos


def inicial_de(apuracao: ApuracaoMit | None, anterior: ApuracaoMit | None, regime: str) -> dict[str, Any]:
    """What the form shows: the month, else the answers of the one before, else those of the empresa's regime."""
    base = apuracao or anterior
    if base is not None:
        return {
            "sem_movimento": apuracao.sem_movimento if apuracao else False,
            "cpf_responsavel": base.cpf_responsavel,
            "qualificacao": base.qualificacao,
            "tributacao": base.tributacao,
            "variacoes": base.variacoes,
            "regime": base.regime,
            "versao": apuracao.versao if apuracao else 0,
        }
    real = regime == Regime.REAL
    return {"qualificacao": 1, "tributacao": 1 if real else 2, "variacoes": 1, "regime": 1 if real else 2, "versao": 0}
