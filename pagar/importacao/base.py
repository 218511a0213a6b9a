"""What the files of suppliers and mapping tables share: a line is read by the fields of the form on screen, put on the
row that it names, and checked as the screen checks it, all in memory."""

import hashlib
from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db import connection
from django.db.models import BooleanField, Model

from comum.documentos import Invalido, Motivo
from comum.formatos import normalizar, parse_sim_nao
from comum.models import Usuario
from comum.mudancas import em_palavras
from comum.planilhas import Coluna, Linha, ler
from empresas.campos import falta
from empresas.importacao.base import (
    AMOSTRA,
    Alteracao,
    ArquivoRecusado,
    Conferencia,
    Importador,
    Progresso,
    Recusa,
    recusa_de,
)
from empresas.municipios import Municipios
from pagar.forms.cadastros import FormDoCadastro
from pagar.models import ContaErp, Fornecedor
from pagar.services import conferencia

CONTA = Coluna("conta", "conta", sinonimos=("conta do erp", "código da conta"))


@dataclass
class _Lida:
    """A good line: the row that it names, and the columns of the model that it gives."""

    linha: Linha
    chave: tuple[Hashable, ...]
    valores: dict[str, Any]


class ImportadorDeCadastro(Importador):
    """Upsert by `chave` (columns of the model); a blank cell leaves what is stored. `form` reads the plain columns,
    ler_<coluna>() the others. `so_de_administrador`: the screen of these rows is too."""

    form: ClassVar[type[FormDoCadastro[Any]]]
    chave: ClassVar[Sequence[str]]
    primeiras: ClassVar[Sequence[str]] = ("conta",)  # the others are read by what these say
    juntas: ClassVar[Mapping[str, str]] = {}  # column of the file that only helps to read another one
    so_de_administrador: ClassVar[bool] = True

    def __init__(self, usuario: Usuario, parametros: dict[str, Any]) -> None:
        super().__init__(usuario, parametros)
        self.modelo: type[Model] = self.form._meta.model
        self.linhas = 0
        self._lidas: list[_Lida] = []
        self._vistas: dict[tuple[Hashable, ...], int] = {}

    # -- reading -------------------------------------------------------------------------------------------------------
    def ler(self, conteudo: bytes, progresso: Progresso) -> None:
        if self.so_de_administrador and not self.usuario.administra:
            raise ArquivoRecusado("Só o administrador do Guichê importa este cadastro. Nada foi gravado.")
        planilha = ler(conteudo, self.colunas)
        if planilha.erros:
            raise ArquivoRecusado("\n".join(erro.mensagem for erro in planilha.erros))
        self._avisos = [aviso.mensagem for aviso in planilha.avisos]
        self.preparar()
        for item in planilha:
            self.linhas += 1
            progresso(self.linhas)
            if isinstance(item, Linha):
                self._linha(item)
            else:
                self.recusas.append(recusa_de(item))

    def preparar(self) -> None:
        """Read what the lines are checked against."""
        self.contas = list(ContaErp.objects.filter(ativa=True))
        self.municipios = Municipios()
        fornecedores = Fornecedor.objects.select_related("conta")
        self.fornecedores = {(f.conta_id, f.codigo): f for f in fornecedores.iterator(chunk_size=5000)}

    def _linha(self, linha: Linha) -> None:
        antes, valores = len(self.recusas), dict[str, Any]()
        nomes = [coluna.nome for coluna in self.colunas if coluna.nome not in self.juntas]
        for nome in [*self.primeiras, *(nome for nome in nomes if nome not in self.primeiras)]:
            texto = linha.valores.get(nome, "")
            leitor = getattr(self, f"ler_{nome}", None)
            if not texto and not (leitor and nome in self.primeiras):
                continue
            lido = leitor(texto, linha.valores, valores) if leitor else self._pelo_form(nome, texto)
            if isinstance(lido, Invalido):
                self._recusar(linha, nome, lido.mensagem)
            elif lido is not None:
                valores[nome] = lido
        for nome in self.chave:
            campo = self.form.base_fields[nome]
            if campo.required and nome not in valores and not linha.valores.get(nome) and nome != "conta":
                self._recusar(linha, nome, falta(self.rotulos[nome]).mensagem)
        if len(self.recusas) > antes:
            return
        chave = tuple(_pk(valores.get(nome, "" if nome == "codigo" else None)) for nome in self.chave)
        primeira = self._vistas.setdefault(chave, linha.numero)
        if primeira != linha.numero:
            motivo = f"Repetido: é o mesmo da linha {primeira}. Deixe só uma das linhas."
            self._recusar(linha, self.chave[-1], motivo)
        else:
            self._lidas.append(_Lida(linha, chave, valores))

    def _pelo_form(self, nome: str, texto: str) -> Any:
        """A plain column: the choice by its words, yes or no, or whatever the field of the screen makes of it."""
        coluna = self.modelo._meta.get_field(nome)
        if opcoes := getattr(coluna, "flatchoices", None):
            procurado = normalizar(texto)
            for valor, rotulo in opcoes:
                if procurado in (normalizar(str(valor)), normalizar(str(rotulo))):
                    return valor
            ditas = ", ".join(str(rotulo) for _, rotulo in opcoes)
            return Invalido(Motivo.INEXISTENTE, f"“{texto[:40]}” não é uma das opções: {ditas}.")
        if isinstance(coluna, BooleanField):
            return parse_sim_nao(texto)
        try:
            return self.form.base_fields[nome].clean(texto)
        except ValidationError as erro:
            return Invalido(Motivo.FORMATO, " ".join(erro.messages))

    # -- columns that name other rows ----------------------------------------------------------------------------------
    def ler_conta(self, texto: str, linha: Mapping[str, str], lidos: Mapping[str, Any]) -> ContaErp | Invalido | None:
        """By code or name; the only active one when blank."""
        if not texto:
            if len(self.contas) == 1:
                return self.contas[0]
            quantas = "Há mais de uma conta do ERP" if self.contas else "Não há conta do ERP ativa"
            return Invalido(Motivo.TAMANHO, f"{quantas}. Informe o código de uma conta ativa nesta coluna.")
        for conta in self.contas:
            if texto.lstrip("0") == str(conta.codigo) or normalizar(texto) == normalizar(conta.nome):
                return conta
        return Invalido(Motivo.INEXISTENTE, "Não há conta do ERP ativa com este código ou nome. Veja em Contas do ERP.")

    def ler_fornecedor(
        self, texto: str, linha: Mapping[str, str], lidos: Mapping[str, Any]
    ) -> Fornecedor | Invalido | None:
        """By its code in the ERP, in the account of the line."""
        conta = lidos.get("conta")
        if conta is None:
            return None
        codigo = int(texto) if texto.isascii() and texto.isdecimal() and len(texto) < 10 else 0
        achado = self.fornecedores.get((conta.pk, codigo))
        return achado or Invalido(
            Motivo.INEXISTENTE, f"Não há fornecedor com este código na conta {conta.codigo}. Inclua-o antes."
        )

    def ler_municipio(self, texto: str, linha: Mapping[str, str], lidos: Mapping[str, Any]) -> str | Invalido:
        return self.municipios.achar(texto, linha.get("uf", ""))

    # -- against what is stored ----------------------------------------------------------------------------------------
    def conferir(self) -> Conferencia:
        with connection.cursor() as cursor:
            # Nobody else writes these rows until the merge ends (reading and the keys of other tables go on).
            cursor.execute(f'LOCK TABLE "{self.modelo._meta.db_table}" IN SHARE ROW EXCLUSIVE MODE')
        self._antes = list(self.guardados())
        por_chave = {tuple(getattr(um, _coluna(um, nome)) for nome in self.chave): um for um in self._antes}
        donos = _Donos(self._antes)
        recusas, classes, alteracoes = list(self.recusas), dict[int, str](), list[Alteracao]()
        self._novos: list[Any] = []
        self._mudados: list[Any] = []
        for lida in self._lidas:
            guardado = por_chave.get(lida.chave)
            objeto = copy(guardado) if guardado is not None else self.modelo()
            for nome, valor in lida.valores.items():
                setattr(objeto, _coluna(objeto, nome) if not isinstance(valor, Model) else nome, valor)
            ruins = list(self._defeitos(objeto, lida, guardado, donos))
            recusas += ruins
            if ruins:
                continue
            donos.ocupar(objeto, guardado)
            if guardado is None:
                self._novos.append(objeto)
                classes[lida.linha.numero] = "n"
                continue
            mudam = self._mudancas(guardado, objeto, lida)
            classes[lida.linha.numero] = "c" if mudam else "i"
            alteracoes += mudam
            if mudam:
                self._mudados.append(objeto)
        contagem = Counter(classes.values())
        tudo = f"{sorted(classes.items())}{sorted(recusas)}{sorted(alteracoes)}"
        return Conferencia(
            linhas=self.linhas,
            novas=contagem["n"],
            alteradas=contagem["c"],
            iguais=contagem["i"],
            recusas=recusas,
            assinatura=hashlib.sha256(tudo.encode()).hexdigest(),
            alteracoes=alteracoes[:AMOSTRA],
            avisos=self._avisos,
        )

    def guardados(self) -> Iterable[Any]:
        ligados = [nome for nome in ("conta", "fornecedor", "municipio", "empresa") if nome in self.form.base_fields]
        return self.modelo._default_manager.select_related(*ligados)

    def _defeitos(self, objeto: Any, lida: _Lida, guardado: Any, donos: "_Donos") -> list[Recusa]:
        """What the row would be wrong in, each at the column of the file where it stands."""
        ditos: list[tuple[str, str]] = []
        faltam = [
            nome
            for nome, campo in self.form.base_fields.items()
            if nome in self.rotulos and campo.required and getattr(objeto, _coluna(objeto, nome)) in ("", None)
        ]
        ditos += [(nome, falta(self.rotulos[nome]).mensagem) for nome in faltam]
        try:
            objeto.clean_fields(exclude=[*faltam, *(c.name for c in objeto._meta.fields if c.is_relation)])
            objeto.clean()
        except ValidationError as erro:
            ditos += [(campo, " ".join(textos)) for campo, textos in erro.message_dict.items()]
        if not ditos:
            ditos += conferencia.faltas(objeto)
        if not ditos:
            ditos += donos.tomados(objeto, guardado)
        linha = lida.linha
        achados = []
        for nome, motivo in ditos:
            coluna = nome if nome in self.rotulos else self.chave[-1]
            valor = linha.valores.get(coluna, "")[:200]
            achados.append(Recusa(linha.numero, self.rotulos[coluna], valor, motivo))
        return achados

    def _mudancas(self, antes: Any, depois: Any, lida: _Lida) -> list[Alteracao]:
        mudam = [n for n in lida.valores if getattr(antes, _coluna(antes, n)) != getattr(depois, _coluna(depois, n))]
        numero, quem = lida.linha.numero, str(antes)
        return [
            Alteracao(numero, quem, self.rotulos[nome], em_palavras(antes, nome), em_palavras(depois, nome))
            for nome in mudam
        ]

    def gravar(self) -> dict[str, Any]:
        gerente = self.modelo._default_manager
        gerente.bulk_create(self._novos, batch_size=2000)
        campos = [campo.name for campo in self.modelo._meta.concrete_fields if not campo.primary_key]
        gerente.bulk_update(self._mudados, campos, batch_size=1000)
        return {}


class _Donos:
    """Whose each name is that only one row may have: as stored, and as the file leaves it. What a row of the file gives
    up is not free for another one of it: the database looks at every row as it is written."""

    def __init__(self, guardados: Iterable[Any]) -> None:
        self._donos: dict[Hashable, Any] = {}
        for um in guardados:
            self.ocupar(um, um)

    @staticmethod
    def _nomes(objeto: Any) -> list[tuple[conferencia.Unico, Hashable]]:
        unicos = conferencia.UNICOS[type(objeto)]
        return [(u, (u.campo, *quais.items())) for u in unicos if (quais := u.quais(objeto)) is not None]

    def ocupar(self, objeto: Any, guardado: Any) -> None:
        for _, nome in self._nomes(objeto):
            self._donos[nome] = guardado or objeto

    def tomados(self, objeto: Any, guardado: Any) -> list[tuple[str, str]]:
        achados = []
        for unico, nome in self._nomes(objeto):
            dono = self._donos.get(nome)
            if dono is not None and dono is not guardado:
                achados.append((unico.campo, unico.mensagem(dono)))
        return achados


def _coluna(objeto: Model, nome: str) -> str:
    try:
        return str(objeto._meta.get_field(nome).attname)  # type: ignore[union-attr]  # concrete fields only
    except FieldDoesNotExist:
        return nome


def _pk(valor: Any) -> int | str | UUID | None:
    return valor.pk if isinstance(valor, Model) else valor  # type: ignore[no-any-return]
