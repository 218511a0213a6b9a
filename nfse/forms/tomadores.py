from typing import Any

from django import forms

from comum.documentos import documento
from comum.formatos import format_cep
from comum.formularios import aceito, opcional
from empresas.campos import ler_email, ler_inscricao_municipal, ler_nome
from empresas.models import Municipio
from empresas.municipios import SEM_EMPRESAS
from nfse import campos
from nfse.forms.base import FormDaEmpresa
from nfse.models import Tomador
from nfse.paises import BRASIL, OPCOES
from nfse.services.tomadores import documento_fixo

_SO_DO_BRASIL = {"cep": "CEP", "municipio": "Município"}
_SO_DO_EXTERIOR = {
    "cidade_exterior": "Cidade no exterior",
    "regiao_exterior": "Estado, província ou região",
    "codigo_postal": "Código postal",
    "nif": "NIF",
    "sem_nif": "O motivo de não ter NIF",
}
_LINHAS = {
    "logradouro": ("Logradouro", 125),
    "numero": ("Número", 10),
    "complemento": ("Complemento", 60),
    "bairro": ("Bairro", 60),
    "cidade_exterior": ("Cidade no exterior", 60),
    "regiao_exterior": ("Estado, província ou região", 60),
    "codigo_postal": ("Código postal", 11),
}


class TomadorForm(FormDaEmpresa[Tomador]):
    """Who takes the services of one empresa: a CPF or CNPJ in Brazil, or somebody abroad, with country and city."""

    este = "este tomador"
    procurados = ("municipio",)

    pais = forms.ChoiceField(label="País", choices=OPCOES, initial=BRASIL)
    sem_nif = forms.ChoiceField(
        label="Sem NIF, por quê", required=False, choices=[("", "Tem NIF"), *Tomador.SemNif.choices]
    )

    class Meta:
        model = Tomador
        fields = [
            "empresa",
            "documento",
            "nome",
            "pais",
            "nif",
            "sem_nif",
            "inscricao_municipal",
            "email",
            "telefone",
            "cep",
            "logradouro",
            "numero",
            "complemento",
            "bairro",
            "municipio",
            "cidade_exterior",
            "regiao_exterior",
            "codigo_postal",
            "ativo",
        ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sem_limite_do_navegador("documento", "cep", "telefone", "nif", "nome", "email", *_LINHAS)
        # Optional abroad alone. What is said there is of the country as it is typed now.
        self.fields["documento"].required = self["pais"].value() == BRASIL
        self.fields["documento"].error_messages["required"] = campos.SEM_DOCUMENTO
        self.fields["nome"].error_messages["required"] = "Informe o nome ou a razão social do tomador."
        self.fields["email"].widget.input_type = "text"  # type: ignore[attr-defined]  # our own message, not the browser's
        municipio = self.fields["municipio"]
        municipio.queryset = Municipio.objects.exclude(pk=SEM_EMPRESAS)  # type: ignore[attr-defined]
        municipio.error_messages["invalid_choice"] = "Município não encontrado. Escolha na lista (F2)."
        if self.altera:
            self.initial["documento"] = self.instance.documento_mascarado if self.instance.documento else ""
            self.initial["cep"] = format_cep(self.instance.cep)
            self.initial["telefone"] = self.instance.telefone_mascarado
            if documento_fixo(self.instance):
                self.fields["documento"].disabled = True
                self.fields["documento"].help_text = "não muda: já há nota com ele"
                self.fields["nif"].disabled = True

    @property
    def no_exterior(self) -> bool:
        return bool(self.cleaned_data.get("pais", BRASIL) != BRASIL)

    @property
    def abre_exterior(self) -> bool:
        """Whether the folded fields have something to show."""
        return self["pais"].value() != BRASIL or any(self[nome].value() for nome in _SO_DO_EXTERIOR)

    def clean_documento(self) -> str:
        if self.fields["documento"].disabled:
            return self.instance.documento
        return opcional(documento, self.cleaned_data["documento"])

    def clean_nome(self) -> str:
        return aceito(ler_nome(self.cleaned_data["nome"], "Nome"))

    def clean_inscricao_municipal(self) -> str:
        return opcional(ler_inscricao_municipal, self.cleaned_data["inscricao_municipal"])

    def clean_email(self) -> str:
        return opcional(ler_email, self.cleaned_data["email"])

    def clean_nif(self) -> str:
        return self.instance.nif if self.fields["nif"].disabled else opcional(campos.ler_nif, self.cleaned_data["nif"])

    def clean_cep(self) -> str:
        return opcional(campos.ler_cep, self.cleaned_data["cep"])

    def clean_telefone(self) -> str:
        return opcional(
            lambda texto: campos.ler_telefone(texto, no_exterior=self.no_exterior), self.cleaned_data["telefone"]
        )

    def _linha(self, nome: str) -> str:
        return opcional(lambda texto: campos.ler_linha(texto, *_LINHAS[nome]), self.cleaned_data[nome])

    def clean_logradouro(self) -> str:
        return self._linha("logradouro")

    def clean_numero(self) -> str:
        return self._linha("numero")

    def clean_complemento(self) -> str:
        return self._linha("complemento")

    def clean_bairro(self) -> str:
        return self._linha("bairro")

    def clean_cidade_exterior(self) -> str:
        return self._linha("cidade_exterior")

    def clean_regiao_exterior(self) -> str:
        return self._linha("regiao_exterior")

    def clean_codigo_postal(self) -> str:
        return self._linha("codigo_postal")

    def clean(self) -> dict[str, Any]:
        dados = super().clean()
        if "pais" not in dados:
            return dados
        if self.no_exterior:
            self._conferir_exterior(dados)
        else:
            self._conferir_brasil(dados)
        self._conferir_unico(dados)
        return dados

    def _conferir_brasil(self, dados: dict[str, Any]) -> None:
        for nome, rotulo in _SO_DO_EXTERIOR.items():
            if dados.get(nome):
                self.add_error(nome, campos.so_do_exterior(rotulo))

    def _conferir_exterior(self, dados: dict[str, Any]) -> None:
        if dados.get("documento"):
            self.add_error("documento", campos.DOCUMENTO_NO_EXTERIOR)
        if not dados.get("cidade_exterior") and "cidade_exterior" not in self.errors:
            self.add_error("cidade_exterior", campos.SEM_CIDADE)
        if dados.get("nif") and dados.get("sem_nif"):
            self.add_error("sem_nif", campos.NIF_E_MOTIVO)
        for nome, rotulo in _SO_DO_BRASIL.items():
            if dados.get(nome):
                self.add_error(nome, campos.so_do_brasil(rotulo))

    def _conferir_unico(self, dados: dict[str, Any]) -> None:
        empresa, doc = dados.get("empresa"), dados.get("documento")
        if not (empresa and doc):
            return
        outro = Tomador.objects.filter(empresa=empresa, documento=doc).exclude(pk=self.instance.pk).first()
        if outro is not None:
            self.add_error("documento", campos.documento_tomado(outro.nome, outro.ativo))
