"""What is on the screen of a new title, or prepayment, and of its draft."""

import re
from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils import timezone

from comum.models import Usuario
from empresas.models import Empresa
from nfse.forms.contratos import CompetenciaField
from pagar.forms.corpo import CorpoDigitado, Cru, iniciais, postar
from pagar.forms.rateio import Fechamento, completar, lidos
from pagar.models import Fornecedor, Momento, Titulo
from pagar.providers import interface
from pagar.providers.blocos import AbatimentoAntecipacao, Imposto, Rateio
from pagar.providers.campos import Problema
from pagar.providers.pedidos import guardar, reler
from pagar.services import acesso, rascunhos, registro
from pagar.services.rascunhos import Destino

ZERO = Decimal(0)
PAIS = "BRA"
# Filled by the services, or by what is chosen above the form.
_SEM_DO_TITULO = ("sequencia", "fornecedor", "antecipacoes.fornecedor")
_SEM_DA_ANTECIPACAO = ("empresa", "estabelecimento", "fornecedor", "referencia", "matriz")


class CabecaForm(forms.Form):
    """What a title has beside its body."""

    fornecedor = forms.ModelChoiceField(
        Fornecedor.objects.none(),
        label="Fornecedor",
        widget=forms.HiddenInput,
        error_messages={
            "required": "Escolha o fornecedor: código no ERP, CNPJ ou nome (F2).",
            "invalid_choice": "Fornecedor não encontrado entre os ativos desta conta do ERP. Escolha na lista (F2).",
        },
    )
    competencia = CompetenciaField(
        label="Competência", error_messages={"required": "Informe a competência, como 11/2026."}
    )
    nossa_referencia = forms.CharField(
        label="Referência do escritório",
        required=False,
        max_length=60,
        help_text="única na empresa",
        error_messages={"max_length": "A referência tem %(show_value)d caracteres e o máximo é 60. Encurte-a."},
    )
    codigo_barras = forms.CharField(label="Código de barras ou linha digitável", required=False)
    titulo_no_banco = forms.CharField(label="Número do documento no banco", required=False)
    reter_em = forms.ChoiceField(label="Quando reter", choices=Momento)
    versao = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, destino: Destino, antecipacao: bool, atual: Fornecedor | None, **kwargs: Any):
        super().__init__(*args, **kwargs)
        quais = Fornecedor.objects.filter(conta=destino.conta)
        do_titulo = quais.filter(pk=atual.pk) if atual else quais.none()
        self.fields["fornecedor"].queryset = quais.filter(ativo=True) | do_titulo  # type: ignore[attr-defined]
        self.fields["nossa_referencia"].widget.attrs.pop("maxlength", None)
        if antecipacao:
            for nome in ("codigo_barras", "titulo_no_banco", "reter_em"):
                del self.fields[nome]

    def clean_codigo_barras(self) -> str:
        return re.sub(r"[\s.\-]", "", self.cleaned_data["codigo_barras"])


@dataclass(frozen=True)
class Resumo:
    """What the typed comes to, in reais. `problemas` is None while something cannot be read."""

    valor: Decimal
    rateado: Decimal
    retido: Decimal
    abatido: Decimal
    bases: Sequence[tuple[int, Decimal]]
    problemas: Sequence[Problema] | None
    lido: bool

    @property
    def fechamento(self) -> Fechamento:
        return Fechamento(self.valor, self.rateado, self.lido)

    @property
    def vazio(self) -> bool:
        """No amount was typed, and what is missing is not yet worth telling."""
        return self.problemas is None and self.lido and not (self.valor or self.rateado)

    @property
    def liquido(self) -> Decimal:
        return self.valor - self.retido - self.abatido


class EdicaoTitulo:
    """The screen of one title: `dados` as posted, else the draft `titulo`, else what a new one begins with. `crus` is
    what comes back with its lines changed."""

    def __init__(
        self,
        empresa: Empresa,
        destino: Destino,
        usuario: Usuario,
        *,
        antecipacao: bool = False,
        titulo: Titulo | None = None,
        competencia: date | None = None,
        dados: QueryDict | None = None,
        crus: tuple[Cru, Cru] | None = None,
    ) -> None:
        self.empresa, self.destino, self.usuario, self.titulo = empresa, destino, usuario, titulo
        self.antecipacao = titulo.antecipacao if titulo else antecipacao
        self.competencia = competencia or timezone.localdate().replace(day=1)
        formato = acesso.formato_de(destino.conta)
        self.cabeca = CabecaForm(
            dados,
            initial=crus[0] if crus else self._cabeca_inicial(),
            destino=destino,
            antecipacao=self.antecipacao,
            atual=titulo.fornecedor if titulo else None,
        )
        classe: Any = interface.Antecipacao if self.antecipacao else interface.Titulo
        conta = destino.conta
        self.digitado: CorpoDigitado[Any] = CorpoDigitado(
            classe,
            formato,
            dados=dados,
            inicial=None if dados or crus else self._corpo_inicial(),
            crus=crus[1] if crus else None,
            sem=_SEM_DA_ANTECIPACAO if self.antecipacao else _SEM_DO_TITULO,
            padroes={"impostos": Imposto(pais=PAIS, classe=1, moeda=conta.moeda)},
            minimas={"rateio": 1},
        )

    # -- what it begins with ----------------------------------------------------------------------------------------

    def _cabeca_inicial(self) -> Cru:
        titulo, conta = self.titulo, self.destino.conta
        if titulo is None:
            return {"competencia": self.competencia, "reter_em": conta.reter_em}
        no_pagamento = bool(titulo.impostos_no_pagamento)
        retidos = no_pagamento or bool(titulo.corpo.get("impostos"))
        na_implantacao = Momento.IMPLANTACAO if retidos else conta.reter_em
        return {
            "fornecedor": titulo.fornecedor_id,
            "competencia": titulo.competencia,
            "nossa_referencia": titulo.referencia,
            "codigo_barras": titulo.codigo_barras,
            "titulo_no_banco": titulo.titulo_no_banco,
            "reter_em": Momento.PAGAMENTO if no_pagamento else na_implantacao,
            "versao": titulo.versao,
        }

    def _corpo_inicial(self) -> Any:
        titulo, conta = self.titulo, self.destino.conta
        if titulo is not None:
            corpo = registro.corpo_de(titulo)
            if isinstance(corpo, interface.Antecipacao) or not titulo.impostos_no_pagamento:
                return corpo
            return replace(corpo, impostos=tuple(reler(Imposto, dado) for dado in titulo.impostos_no_pagamento))
        hoje = timezone.localdate()
        if self.antecipacao:
            return interface.Antecipacao(
                especie=conta.especie_antecipacao, portador=conta.portador, moeda=conta.moeda, emissao=hoje
            )
        return interface.Titulo(portador=conta.portador, moeda=conta.moeda, emissao=hoje)

    # -- what was chosen --------------------------------------------------------------------------------------------

    @property
    def fornecedor(self) -> Fornecedor | None:
        texto = str(self.cabeca["fornecedor"].value() or "")
        if not (texto.isdecimal() and texto.isascii() and len(texto) < 19):
            return None
        campo: Any = self.cabeca.fields["fornecedor"]
        achado: Fornecedor | None = campo.queryset.filter(pk=texto).first()
        return achado

    @property
    def abertas(self) -> list[Titulo]:
        """The prepayments of the supplier that the title may take from, without those that it takes from already."""
        fornecedor = self.fornecedor
        if self.antecipacao or fornecedor is None:
            return []
        ja = {(form["numero"].value(), form["parcela"].value()) for form in self.digitado.listas["antecipacoes"].forms}
        return [aberta for aberta in self.abertas_todas(fornecedor) if (aberta.numero, aberta.parcela) not in ja]

    def abertas_todas(self, fornecedor: Fornecedor) -> list[Titulo]:
        return rascunhos.abertas_de(self.destino, fornecedor, self.usuario)

    # -- what was typed ---------------------------------------------------------------------------------------------

    @property
    def partes(self) -> list[forms.Form]:
        return [self.cabeca, *self.digitado.todos()]

    def legivel(self) -> bool:
        lidos = [self.cabeca.is_valid(), self.digitado.legivel()]
        return all(lidos)

    def lido(self) -> tuple[Any, tuple[Imposto, ...]]:
        """The body, and the taxes that wait for the payment."""
        corpo = self.digitado.corpo()
        if self.antecipacao or self.cabeca.cleaned_data.get("reter_em") != Momento.PAGAMENTO:
            return corpo, ()
        return replace(corpo, impostos=()), corpo.impostos

    def problemas(self) -> list[Problema]:
        """Everything that keeps it from being written, once each part has been read."""
        self.legivel()
        corpo, no_pagamento = self.lido()
        dados = self.cabeca.cleaned_data
        achados = rascunhos.problemas(
            self.destino,
            dados.get("fornecedor"),
            corpo,
            self.usuario,
            codigo_barras=dados.get("codigo_barras", ""),
            no_pagamento=no_pagamento,
        )
        if (documento := dados.get("titulo_no_banco", "")) and len(documento) > 20:
            achados.append(Problema("titulo_no_banco", f"{len(documento)} caracteres, e o limite é 20."))
        return achados

    def marcar(self, problemas: Sequence[Problema]) -> None:
        do_corpo = []
        for problema in problemas:
            if problema.campo in self.cabeca.fields:
                if problema.campo not in self.cabeca.errors:
                    rotulo, _, texto = problema.mensagem.rpartition(": ")
                    dito = texto if rotulo == "Código de barras" else problema.mensagem
                    self.cabeca.add_error(problema.campo, dito[:1].upper() + dito[1:])
            else:
                do_corpo.append(problema)
        self.digitado.marcar(do_corpo)

    def resumo(self) -> Resumo:
        """Of what was posted."""
        legivel = self.legivel()
        corpo = self.digitado.corpo()
        linhas = self.digitado.listas["impostos"].usadas
        return Resumo(
            valor=corpo.valor or ZERO,
            rateado=sum((linha.valor or ZERO for linha in corpo.rateio if not linha.imposto), ZERO),
            retido=registro.retido(corpo.impostos),
            abatido=ZERO if self.antecipacao else registro.abatido(corpo.antecipacoes),
            bases=[
                (form.posicao, imposto.base)
                for form, imposto in zip(linhas, corpo.impostos, strict=True)
                if imposto.base is not None
            ],
            lido=lidos(self.digitado, "valor"),
            problemas=self.problemas() if legivel else None,
        )

    def titulo_montado(self) -> Titulo:
        """As rascunhos.salvar() takes it. Only when there are no problems."""
        corpo, no_pagamento = self.lido()
        dados = self.cabeca.cleaned_data
        colunas: dict[str, Any] = {"competencia": dados["competencia"], "referencia": dados["nossa_referencia"]}
        if not self.antecipacao:
            barras = dados["codigo_barras"]
            colunas |= {
                "codigo_barras": barras,
                "titulo_no_banco": dados["titulo_no_banco"],
                "barras": Titulo.Barras.PENDENTE if barras else Titulo.Barras.SEM,
                "impostos_no_pagamento": [guardar(imposto) for imposto in no_pagamento],
            }
        return rascunhos.montar(
            self.destino, self.empresa, dados["fornecedor"], corpo, titulo=copy(self.titulo), **colunas
        )

    def com_versao(self, versao: int) -> None:
        """Shown again to be saved over that version."""
        dados = QueryDict(mutable=True)
        dados.update(self.cabeca.data)
        dados["versao"] = str(versao)
        self.cabeca.data = dados

    # -- changing it as one types -----------------------------------------------------------------------------------

    def refeita(self, dados: QueryDict, acao: str) -> "EdicaoTitulo":
        """The same as typed, with its lines changed, or filled from what was chosen. Nothing is judged. `self` is it as
        posted."""
        cabeca = {nome: dados.get(nome, "") for nome in self.cabeca.fields}
        crus = self.digitado.com_acao(self.digitado.crus_dos(dados), acao)
        if acao == "completar":
            self._completar(crus)
        elif acao == "fornecedor":
            self._preencher(crus)
        elif acao.startswith("abater-"):
            self._abater(crus, acao.removeprefix("abater-"))
        return EdicaoTitulo(
            self.empresa,
            self.destino,
            self.usuario,
            antecipacao=self.antecipacao,
            titulo=self.titulo,
            competencia=self.competencia,
            crus=(cabeca, crus),
        )

    def _completar(self, crus: Cru) -> None:
        """Put what is missing in the last line of the accounting."""
        completar(self.digitado, crus, self.resumo().fechamento.diferenca)

    def _preencher(self, crus: Cru) -> None:
        """What the rule of the supplier says, where nothing was typed."""
        fornecedor = self.fornecedor
        regra = rascunhos.regra_de(fornecedor) if fornecedor else None
        if regra is None:
            return
        form = crus["form"]
        self.legivel()
        emissao = self.digitado.form.cleaned_data.get("emissao")
        sugeridos: dict[str, Any] = {"portador": regra.portador}
        if not self.antecipacao:
            sugeridos |= {"especie": regra.especie, "serie": regra.serie, "forma_pagamento": regra.forma_pagamento}
            if emissao and regra.origem == "nota":
                sugeridos["vencimento"] = date.fromordinal(emissao.toordinal() + regra.prazo_dias)
        form |= {nome: valor for nome, valor in sugeridos.items() if valor and not form.get(nome)}
        linhas = self.digitado.listas["rateio"].usadas
        if not linhas:
            linha = Rateio(
                plano_contas=regra.plano_contas,
                conta=regra.conta_contabil,
                unidade_negocio=regra.unidade_negocio,
                plano_centro_custo=regra.plano_centro_custo,
                centro_custo=regra.centro_custo,
                fluxo=regra.fluxo,
                valor=self.digitado.form.cleaned_data.get("valor"),
            )
            crus["rateio"] = [iniciais(linha, self.digitado.formato)]

    def _abater(self, crus: Cru, pk: str) -> None:
        """A line that takes from one of the supplier's prepayments, as much as there is, or is still owed."""
        fornecedor = self.fornecedor
        abertas = self.abertas_todas(fornecedor) if fornecedor and not self.antecipacao else []
        escolhida = next((aberta for aberta in abertas if str(aberta.pk) == pk), None)
        if escolhida is None:
            return
        liquido = self.resumo().liquido
        linha = AbatimentoAntecipacao(
            estabelecimento=escolhida.estabelecimento,
            especie=escolhida.especie,
            serie=escolhida.serie,
            numero=escolhida.numero,
            parcela=escolhida.parcela,
            valor=min(escolhida.saldo, liquido) if liquido > 0 else escolhida.saldo,
        )
        crus["antecipacoes"].append(iniciais(linha, self.digitado.formato) | {"foco": True})

    def como_postada(self) -> "EdicaoTitulo":
        """The same as if it had just been posted: what it shows can be summed and judged."""
        if self.cabeca.is_bound:
            return self
        dados = QueryDict(mutable=True)
        postar(dados, self.cabeca, self.cabeca.fields)
        self.digitado.postar(dados)
        return EdicaoTitulo(
            self.empresa, self.destino, self.usuario, antecipacao=self.antecipacao, titulo=self.titulo, dados=dados
        )
