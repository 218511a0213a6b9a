"""The form of one paper of a national note: of a deduction, or of what is reimbursed."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from functools import partial
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.forms.boundfield import BoundField

from comum.documentos import documento
from comum.formularios import DataField, DinheiroField, opcional
from empresas.models import Municipio
from nfse.campos import ler_cep, ler_linha
from nfse.models.papeis import (
    FormaDeducao,
    FormaReembolso,
    PapelDeDeducao,
    PapelReembolsado,
    TipoDeducao,
    TipoReembolso,
)

Papel = PapelDeDeducao | PapelReembolsado
_MARCAS = str.maketrans("", "", " .-/\t\xa0")
_OUTRAS = "99"
_DE_CHAVE = frozenset({"nfse", "nfe", "cte", "dfe"})


def _escolha(rotulo: str, opcoes: Iterable[tuple[str, Any]], **kwargs: Any) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=rotulo,
        choices=[("", "Escolha…"), *opcoes],
        error_messages={"required": "Escolha na lista.", "invalid_choice": "Escolha na lista."},
        **kwargs,
    )


class _LinhaField(forms.CharField):
    """A text of one line."""

    def __init__(self, rotulo: str, maximo: int, *, required: bool = False) -> None:
        super().__init__(label=rotulo, required=required, error_messages={"required": "Informe a chave ou o número."})
        self.ler = partial(ler_linha, rotulo=rotulo, maximo=maximo)

    def clean(self, value: Any) -> str:
        return opcional(self.ler, super().clean(value))


def _municipio(rotulo: str) -> forms.CharField:
    return forms.CharField(label=rotulo, required=False, widget=forms.HiddenInput)


@dataclass(frozen=True)
class Desenhado:
    """A field as the row draws it: `redesenha` where a choice shows others, `municipio` for a look-up."""

    campo: BoundField
    classe: str
    rotulo: str
    mascara: str = ""
    redesenha: bool = False
    procura: bool = False
    municipio: Municipio | None = None

    @property
    def dica(self) -> str:
        return _DICAS.get(self.campo.name, "")

    @property
    def teclado(self) -> str:
        return {"dinheiro": "decimal", "data": "numeric", "cep": "numeric"}.get(self.mascara, "text")


# name -> columns of twelve, what is written above it, mask
_LARGURAS: Mapping[str, tuple[str, str, str]] = {
    "forma": ("c4", "Documento", ""),
    "documento": ("c8", "Chave ou número", ""),
    "municipio": ("c4", "Município", ""),
    "verificacao": ("c2", "Verificação", ""),
    "modelo": ("c2", "Modelo", ""),
    "serie": ("c2", "Série", ""),
    "descricao_documento": ("c4", "Que documento é", ""),
    "tipo": ("c6", "Tipo", ""),
    "descricao": ("c6", "Descrição", ""),
    "emissao": ("c2", "Data", "data"),
    "competencia": ("c2", "Competência", "data"),
    "dedutivel": ("c2", "Dedutível", "dinheiro"),
    "deduzido": ("c2", "Deduzido", "dinheiro"),
    "valor": ("c2", "Valor", "dinheiro"),
    "fornecedor_documento": ("c4", "CNPJ ou CPF", ""),
    "fornecedor_nome": ("c8", "Nome", ""),
    "fornecedor_cep": ("c2", "CEP", "cep"),
    "fornecedor_logradouro": ("c4", "Logradouro", ""),
    "fornecedor_numero": ("c2", "Número", ""),
    "fornecedor_complemento": ("c2", "Complemento", ""),
    "fornecedor_bairro": ("c2", "Bairro", ""),
    "fornecedor_municipio": ("c4", "Município", ""),
}
# A number takes less than a chave, where other fields say which paper it is.
_MENORES = {"nfse_municipal": "c2", "em_papel": "c4", "dfe": "c4", "fiscal": "c4", "outro": "c4"}
_DICAS = {"deduzido": "tudo", "competencia": "a da data"}  # what leaving it blank means
REDESENHAM = ("forma", "tipo")


class PapelForm(forms.Form):
    """One paper. `so_de` says which fields only some forms of naming it have; `em_branco` which one another stands in
    for; `municipios` are those named in the form, by code."""

    classe: ClassVar[type[Papel]]
    so_de: ClassVar[Mapping[str, frozenset[str]]]
    em_branco: ClassVar[Mapping[str, str]]
    dizem: ClassVar[tuple[str, ...]] = ("documento", "emissao", "fornecedor_documento", "fornecedor_nome")

    fornecedor_documento = forms.CharField(label="CNPJ ou CPF do fornecedor", required=False)
    fornecedor_nome = _LinhaField("Nome do fornecedor", 150)

    def __init__(self, *args: Any, municipios: Mapping[str, Municipio], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.municipios = municipios
        for nome, formas in self.so_de.items():
            if self._texto("forma") not in formas:
                del self.fields[nome]

    def _texto(self, nome: str) -> str:
        return str(self[nome].value() or "").strip() if nome in self.fields else ""

    @property
    def vazio(self) -> bool:
        """Nothing was typed that says which paper it is."""
        return not any(self._texto(nome) for nome in self.dizem)

    def has_changed(self) -> bool:
        """A row left blank is no paper, and nothing is asked of it."""
        return not self.vazio

    # -- on the screen ------------------------------------------------------------------------------------------------

    @property
    def do_papel(self) -> Iterator[Desenhado]:
        for nome in self.fields:
            if nome.startswith("fornecedor_"):
                continue
            if nome == "descricao" and self._texto("tipo") != _OUTRAS and not self._tem("descricao"):
                continue
            yield self._desenhado(nome)

    @property
    def do_fornecedor(self) -> Iterator[Desenhado]:
        return (self._desenhado(nome) for nome in self.fields if nome.startswith("fornecedor_"))

    @property
    def abre_fornecedor(self) -> bool:
        return any(self._tem(nome) for nome in self.fields if nome.startswith("fornecedor_"))

    def _tem(self, nome: str) -> bool:
        return bool(self._texto(nome)) or nome in self.errors

    def _desenhado(self, nome: str) -> Desenhado:
        classe, rotulo, mascara = _LARGURAS[nome]
        if nome == "documento" and (forma := self._texto("forma")):
            rotulo = "Chave" if forma in _DE_CHAVE else "Número"
            if self.so_de.keys() & self.fields.keys():
                classe = _MENORES.get(forma, classe)
        procura = nome in ("municipio", "fornecedor_municipio")
        onde = self.municipios.get(self._texto(nome)) if procura else None
        return Desenhado(self[nome], classe, rotulo, mascara, nome in REDESENHAM, procura, onde)

    # -- reading ------------------------------------------------------------------------------------------------------

    def clean_documento(self) -> str:
        texto: str = self.cleaned_data["documento"]
        return texto.translate(_MARCAS).upper() if self._texto("forma") in _DE_CHAVE else texto

    def clean_fornecedor_documento(self) -> str:
        return opcional(documento, self.cleaned_data["fornecedor_documento"])

    def clean_municipio(self) -> str:
        return self._do_ibge("municipio")

    def clean_fornecedor_municipio(self) -> str:
        return self._do_ibge("fornecedor_municipio")

    def _do_ibge(self, nome: str) -> str:
        texto = str(self.cleaned_data[nome])
        if texto and texto not in self.municipios:
            raise ValidationError("Município não encontrado. Procure pelo nome ou código do IBGE (F2).")
        return texto

    def clean(self) -> dict[str, Any]:
        dados = super().clean() or self.cleaned_data
        for nome, de in self.em_branco.items():
            if dados.get(nome) is None and nome not in self.errors:
                dados[nome] = dados.get(de)
        return dados

    def papel(self) -> Papel:
        """What of it could be read."""
        dados = getattr(self, "cleaned_data", {})
        lidos = {campo.name: dados[campo.name] for campo in fields(self.classe) if dados.get(campo.name) is not None}
        return self.classe(**lidos)


class DeducaoForm(PapelForm):
    classe = PapelDeDeducao
    so_de = {
        "municipio": frozenset({FormaDeducao.NFSE_MUNICIPAL}),
        "verificacao": frozenset({FormaDeducao.NFSE_MUNICIPAL}),
        "modelo": frozenset({FormaDeducao.EM_PAPEL}),
        "serie": frozenset({FormaDeducao.EM_PAPEL}),
    }
    em_branco = {"deduzido": "dedutivel"}
    dizem = (*PapelForm.dizem, "dedutivel", "deduzido")
    field_order = (
        *("forma", "documento", "municipio", "verificacao", "modelo", "serie"),
        *("tipo", "descricao", "emissao", "dedutivel", "deduzido"),
    )

    forma = _escolha("Documento", FormaDeducao.choices)
    documento = _LinhaField("Chave ou número do documento", 255, required=True)
    municipio = _municipio("Município da nota")
    verificacao = _LinhaField("Código de verificação", 9)
    modelo = _LinhaField("Modelo da nota", 15)
    serie = _LinhaField("Série da nota", 15)
    tipo = _escolha("Tipo da dedução", TipoDeducao.choices)
    descricao = _LinhaField("Descrição da dedução", 150)
    emissao = DataField(label="Data do documento", error_messages={"required": "Informe a data do documento."})
    dedutivel = DinheiroField(
        label="Valor dedutível", error_messages={"required": "Informe o valor que o documento deixa deduzir."}
    )
    deduzido = DinheiroField(label="Valor deduzido", required=False)
    fornecedor_cep = forms.CharField(label="CEP do fornecedor", required=False)
    fornecedor_logradouro = _LinhaField("Logradouro do fornecedor", 255)
    fornecedor_numero = _LinhaField("Número do fornecedor", 60)
    fornecedor_complemento = _LinhaField("Complemento do fornecedor", 156)
    fornecedor_bairro = _LinhaField("Bairro do fornecedor", 60)
    fornecedor_municipio = _municipio("Município do fornecedor")

    def clean_fornecedor_cep(self) -> str:
        return opcional(ler_cep, self.cleaned_data["fornecedor_cep"])


class ReembolsoForm(PapelForm):
    classe = PapelReembolsado
    so_de = {
        "municipio": frozenset({FormaReembolso.FISCAL}),
        "descricao_documento": frozenset({FormaReembolso.DFE, FormaReembolso.FISCAL, FormaReembolso.OUTRO}),
    }
    em_branco = {"competencia": "emissao"}
    dizem = (*PapelForm.dizem, "valor")
    field_order = (
        *("forma", "documento", "descricao_documento", "municipio"),
        *("tipo", "descricao", "emissao", "competencia", "valor"),
    )

    forma = _escolha("Documento", FormaReembolso.choices)
    documento = _LinhaField("Chave ou número do documento", 255, required=True)
    descricao_documento = _LinhaField("Que documento é", 255)
    municipio = _municipio("Município que emitiu")
    tipo = _escolha("Tipo do reembolso", TipoReembolso.choices)
    descricao = _LinhaField("Descrição do reembolso", 150)
    emissao = DataField(label="Data do documento", error_messages={"required": "Informe a data do documento."})
    competencia = DataField(label="Competência do documento", required=False)
    valor = DinheiroField(label="Valor do reembolso", error_messages={"required": "Informe o valor do reembolso."})
