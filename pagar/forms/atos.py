"""What is asked of a title that the ERP has: new values, its cancellation, a reversal."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils import timezone

from comum.formatos import format_dinheiro
from comum.formularios import DinheiroField
from pagar.forms.corpo import CorpoDigitado, Cru
from pagar.forms.rateio import Fechamento, completar, lidos
from pagar.models import Movimento, Titulo
from pagar.providers.campos import Problema, campos_de
from pagar.providers.interface import Atualizacao, Estorno, OperacaoEstorno
from pagar.services import acesso, atos, palavras

ZERO = Decimal(0)
# Filled by the services: what names the title, and the reference of the movement.
_CHAVE = ("estabelecimento", "fornecedor", "especie", "serie", "numero", "parcela", "referencia", "matriz")
_DO_MOVIMENTO = ("transacao", "referencia_movimento")


class VersaoForm(forms.Form):
    versao = forms.IntegerField(widget=forms.HiddenInput, error_messages={"required": "Abra a tela de novo."})


class AcertoForm(VersaoForm):
    """The balance as the ERP's own screen shows it."""

    saldo = DinheiroField(label="Saldo no ERP", help_text="zero: já foi pago ou baixado lá")
    texto = forms.CharField(
        label="O que foi visto no ERP",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "Diga o que foi visto no ERP: fica na história do título."},
    )


@dataclass(frozen=True)
class ResumoDoSaldo:
    saldo: Decimal
    novo: Decimal | None
    fechamento: Fechamento

    @property
    def diferenca(self) -> str:
        if self.novo is None or self.novo == self.saldo:
            return "não muda"
        return f"{'aumenta' if self.novo > self.saldo else 'diminui'} {format_dinheiro(self.fechamento.total)}"


class EdicaoAtualizacao:
    """New values of `titulo`; a blank keeps what is there, which stands beside each field."""

    def __init__(
        self,
        titulo: Titulo,
        *,
        dados: QueryDict | None = None,
        crus: Cru | None = None,
        inicial: Atualizacao | None = None,
    ) -> None:
        self.titulo = titulo
        self.cabeca = VersaoForm(dados, initial={"versao": titulo.versao})
        # The date is today's unless told: blank would be "not informed".
        inicial = inicial or Atualizacao(data=timezone.localdate())
        self.digitado = CorpoDigitado(
            Atualizacao,
            acesso.formato_de(titulo.conta),
            dados=dados,
            inicial=inicial,
            crus=crus,
            sem=("empresa", *_CHAVE),
            padroes={"rateio": atos.linha_do_rateio(titulo)},
            minimas={"rateio": 1},
        )
        self._ao_lado()

    def _ao_lado(self) -> None:
        """What each field has now, as its help."""
        titulo = self.titulo
        agora = titulo.corpo | titulo.atualizado
        agora |= {
            "saldo": str(titulo.saldo),
            "emissao": titulo.emissao.isoformat(),
            "vencimento": titulo.vencimento.isoformat(),
            "codigo_barras": titulo.codigo_barras,
            "titulo_no_banco": titulo.titulo_no_banco,
            "bloqueado": titulo.bloqueado,
        }
        campos = dict(campos_de(Atualizacao))
        for nome in self.digitado.form.folhas:
            if nome in agora and nome != "data":
                self.digitado.form.fields[nome].help_text = f"agora: {palavras.em_palavras(campos[nome], agora[nome])}"

    @property
    def partes(self) -> list[forms.Form]:
        return [self.cabeca, *self.digitado.todos()]

    def legivel(self) -> bool:
        lidos = [self.cabeca.is_valid(), self.digitado.legivel()]
        return all(lidos)

    def corpo(self) -> Atualizacao:
        return self.digitado.corpo()

    def problemas(self) -> list[Problema]:
        self.legivel()
        corpo = self.corpo()
        achados = atos.problemas_da_atualizacao(self.titulo, corpo)
        return achados if _muda(corpo) else [Problema("", "Nada mudou. Preencha o que deve mudar no ERP."), *achados]

    def marcar(self, problemas: list[Problema]) -> None:
        self.digitado.marcar(problemas)

    def resumo(self) -> ResumoDoSaldo:
        self.legivel()
        corpo = self.corpo()
        saldo = self.titulo.saldo
        muda = abs(corpo.saldo - saldo) if corpo.saldo is not None else ZERO
        rateado = sum((linha.valor or ZERO for linha in corpo.rateio), ZERO)
        return ResumoDoSaldo(saldo, corpo.saldo, Fechamento(muda, rateado, lidos(self.digitado, "saldo")))

    def refeita(self, dados: QueryDict, acao: str) -> "EdicaoAtualizacao":
        """The same as typed, with its lines changed. `self` is it as posted."""
        crus = self.digitado.com_acao(self.digitado.crus_dos(dados), acao)
        if acao == "completar":
            completar(self.digitado, crus, self.resumo().fechamento.diferenca)
        return EdicaoAtualizacao(self.titulo, crus=crus)

    def como_postada(self) -> "EdicaoAtualizacao":
        """The same as if it had just been posted: what it shows can be summed."""
        if self.digitado.form.is_bound:
            return self
        dados = QueryDict(mutable=True)
        self.digitado.postar(dados)
        return EdicaoAtualizacao(self.titulo, dados=dados)


_NAO_MUDAM = {"data", "motivo", "historico", "historico_padrao", "situacao", "estabelecimento_externo"}


def _muda(corpo: Atualizacao) -> bool:
    fora = {"empresa", *_CHAVE, *_NAO_MUDAM}
    return any(getattr(corpo, nome) not in (None, "", ()) for nome, _ in campos_de(Atualizacao) if nome not in fora)


class EdicaoEstorno:
    """A cancellation or a reversal of `titulo`; with `movimento`, the reversal of that one."""

    def __init__(
        self,
        titulo: Titulo,
        operacao: OperacaoEstorno,
        *,
        movimento: Movimento | None = None,
        dados: QueryDict | None = None,
        inicial: Estorno | None = None,
    ) -> None:
        self.titulo, self.operacao, self.movimento = titulo, operacao, movimento
        self.cabeca = VersaoForm(dados, initial={"versao": titulo.versao})
        sem: tuple[str, ...] = (*_CHAVE, "operacao")
        if movimento is None:
            sem += _DO_MOVIMENTO
        elif movimento.referencia:
            sem += ("referencia_movimento",)
        inicial = inicial or Estorno(data=timezone.localdate())
        self.digitado: CorpoDigitado[Any] = CorpoDigitado(
            Estorno, acesso.formato_de(titulo.conta), dados=dados, inicial=inicial, sem=sem
        )

    @property
    def partes(self) -> list[forms.Form]:
        return [self.cabeca, *self.digitado.todos()]

    def legivel(self) -> bool:
        lidos = [self.cabeca.is_valid(), self.digitado.legivel()]
        return all(lidos)

    def corpo(self) -> Estorno:
        corpo: Estorno = self.digitado.corpo()
        return corpo

    def problemas(self) -> list[Problema]:
        self.legivel()
        return atos.problemas_do_estorno(self.titulo, self.corpo(), self.operacao, self.movimento)

    def marcar(self, problemas: list[Problema]) -> None:
        self.digitado.marcar(problemas)
