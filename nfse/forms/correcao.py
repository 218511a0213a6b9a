"""The form of one correction for many notes: what to correct, and the value, asked for as that field is."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from comum.documentos import Invalido
from nfse.models.detalhes import SituacaoPisCofins
from nfse.services.correcoes import CAMPOS, Campo

_MASCARAS = {"data": "data", "competencia": "competencia", "dinheiro": "dinheiro"}


class CorrecaoForm(forms.Form):
    """`sugeridos` come first; `atividades` are (CNAE, words, how many of the notes may use it) and `unidades` the names
    that the service has."""

    campo = forms.ChoiceField(label="O que corrigir")
    valor = forms.CharField(required=False, strip=False)

    def __init__(
        self,
        *args: Any,
        sugeridos: Sequence[Campo] = (),
        atividades: Sequence[tuple[str, str, int]] = (),
        unidades: Sequence[str] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self._atividades, self._unidades = atividades, unidades
        outros = [campo for campo in CAMPOS.values() if campo not in sugeridos]
        primeiros: list[Any] = [(campo.nome, campo.rotulo) for campo in sugeridos]
        demais = [(campo.nome, campo.rotulo) for campo in outros]
        escolhas = [*primeiros, ("Outros campos", demais)] if primeiros else demais
        self.fields["campo"].choices = escolhas  # type: ignore[attr-defined]
        self.fields["campo"].initial = (sugeridos or outros)[0].nome
        self._montar_valor()

    @property
    def escolhido(self) -> Campo:
        nome = str(self["campo"].value() or "")
        return CAMPOS.get(nome) or CAMPOS[str(self.fields["campo"].initial)]

    @property
    def mascara(self) -> str:
        return _MASCARAS.get(self.escolhido.entrada, "")

    def _montar_valor(self) -> None:
        escolhido, valor = self.escolhido, self.fields["valor"]
        valor.label, valor.help_text = escolhido.rotulo, escolhido.ajuda
        if opcoes := self._opcoes(escolhido.entrada):
            valor.widget = forms.Select(choices=[("", "Escolha"), *opcoes])
        elif escolhido.entrada == "longo":
            valor.widget = forms.Textarea(attrs={"rows": 4})
        elif escolhido.entrada == "nenhuma":
            valor.widget = forms.HiddenInput()

    def _opcoes(self, entrada: str) -> list[tuple[str, str]]:
        if entrada == "sim_nao":
            return [("S", "Sim"), ("N", "Não")]
        if entrada == "atividade":
            return [(cnae, f"{nome} (de {n})") for cnae, nome, n in self._atividades]
        if entrada == "cst":
            return list(SituacaoPisCofins.choices)
        return [(nome, nome) for nome in self._unidades] if entrada == "unidade" else []

    def clean(self) -> dict[str, Any]:
        dados = super().clean() or {}
        if "campo" in dados:
            lido = CAMPOS[dados["campo"]].valor(dados.get("valor") or "")
            if isinstance(lido, Invalido):
                self.add_error("valor", ValidationError(lido.mensagem))
            else:
                dados["valor"] = lido
        return dados
