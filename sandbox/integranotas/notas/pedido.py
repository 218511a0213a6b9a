"""Reading a note's payload: the three shapes of v1, the one of v2, every check, all the slips told at once."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sandbox.documentos import cnpj_valido, cpf_valido
from sandbox.integranotas.comportamento import NACIONAL, Comportamento
from sandbox.integranotas.envelope import Erro, faltas, invalidos
from sandbox.integranotas.notas import formas
from sandbox.integranotas.notas.esquema import CAMPOS, DO_ITEM, Campo
from sandbox.integranotas.notas.formas import Texto
from sandbox.nucleo.ajustes import BRASILIA

_TETO = 10**11
_TOLERANCIA = Decimal("0.01")
_SEIS_DIGITOS = re.compile(r"[0-9]{6}", re.ASCII)


@dataclass(frozen=True)
class Pedido:
    """A payload that passed every check. `corpo` is normalised: v1 always has `servico.itens` as a list."""

    corpo: dict[str, Any]
    serie: str
    numero: int
    tomador: str
    valor: Decimal
    emissao: datetime
    competencia: date
    municipio: str

    @property
    def pa(self) -> str:
        return self.competencia.strftime("%Y%m")


def normalizar(corpo: Mapping[str, Any], versao: int) -> dict[str, Any]:
    """v1 accepts `itens` as a list, as one object, or its fields flat in `servico`; v2 knows no `itens`."""
    saida = dict(corpo)
    servico = saida.get("servico")
    if not isinstance(servico, dict):
        return saida
    if versao != 1:
        saida["servico"] = {chave: valor for chave, valor in servico.items() if chave != "itens"}
    elif isinstance(servico.get("itens"), dict):
        saida["servico"] = servico | {"itens": [servico["itens"]]}
    elif servico.get("itens") is None and (achatado := {c: v for c, v in servico.items() if c in DO_ITEM}):
        resto = {chave: valor for chave, valor in servico.items() if chave not in achatado}
        saida["servico"] = resto | {"itens": [achatado]}
    return saida


def identificacao(corpo: Mapping[str, Any]) -> str:
    """serie/numero of a payload that may still be wrong; empty when it has none."""
    serie, numero = corpo.get("serie"), corpo.get("numero")
    if not isinstance(serie, str) or not isinstance(numero, str) or not numero.isdecimal():
        return ""
    return f"{serie[:5]}/{int(numero[:9])}"


def ler(corpo: Mapping[str, Any], versao: int, comportamento: Comportamento, opcoes: Mapping[str, Any]) -> Pedido:
    """Raises Recusa: 5001 naming all that is missing, else 5002 naming all that is wrong."""
    normal = normalizar(corpo, versao)
    conferencia = _Conferencia(normal, versao, comportamento, opcoes)
    if conferencia.faltas:
        raise faltas(conferencia.faltas)
    if conferencia.erros:
        raise invalidos(conferencia.erros)
    emissao = datetime.fromisoformat(normal["data_emissao"])
    mes = datetime.fromisoformat(normal.get("data_competencia") or normal["data_emissao"]).astimezone(BRASILIA)
    return Pedido(
        corpo=normal,
        serie=normal["serie"],
        numero=int(normal["numero"]),
        tomador=normal["tomador"].get("cnpj") or normal["tomador"]["cpf"],
        valor=sum((Decimal(str(linha["valor_servicos"])) for linha in linhas(normal)), Decimal("0.00")),
        emissao=emissao,
        competencia=mes.date().replace(day=1),
        municipio=_municipio(normal),
    )


def linhas(corpo: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The service lines of a normalised payload: the items of v1, the one block of v2."""
    itens = corpo["servico"].get("itens")
    return list(itens) if isinstance(itens, list) else [corpo["servico"]]


def _municipio(corpo: Mapping[str, Any]) -> str:
    servico = corpo["servico"]
    local = servico.get("endereco_local_prestacao") or {}
    return str(servico.get("codigo_municipio") or local.get("codigo_municipio") or "")


class _Conferencia:
    """One pass over a payload; `faltas` are dotted paths, `erros` what is wrong."""

    def __init__(
        self, corpo: dict[str, Any], versao: int, comportamento: Comportamento, opcoes: Mapping[str, Any]
    ) -> None:
        self.corpo, self.versao, self.opcoes = corpo, versao, opcoes
        self.nacional = comportamento.padrao == NACIONAL
        self.promovidos = {*comportamento.obrigatorios, *opcoes["obrigatorios"]}
        self.faltas: list[str] = []
        self.erros: list[Erro] = []
        if self.nacional:
            self.promovidos.add("servico.codigo_nbs")
        self._lista_de_itens()
        for campo in CAMPOS[versao]:
            self._campo(campo)
        if not self.faltas and not self.erros:
            self._documentos()
            self._linhas()
            self._do_padrao()

    def _erro(self, campo: str, descricao: str) -> None:
        self.erros.append(Erro(campo, "Valor inválido", descricao))

    def _lista_de_itens(self) -> None:
        servico = self.corpo.get("servico")
        if self.versao != 1 or not isinstance(servico, dict):
            return
        itens = servico.get("itens")
        if itens is None or itens == []:
            self.faltas.append("servico.itens")
        elif not isinstance(itens, list) or not all(isinstance(item, dict) for item in itens):
            self._erro("servico.itens", "Deve ser uma lista de objetos, ao menos um.")

    def _campo(self, campo: Campo) -> None:
        exigido = campo.obrigatorio or campo.caminho in self.promovidos
        promovido = campo.caminho in self.promovidos
        for caminho, pai, nome in _lugares(self.corpo, campo.caminho):
            if pai is None:
                if promovido:
                    self.faltas.append(caminho)
                continue
            self._valor(caminho, pai.get(nome), campo, exigido=exigido and not self._dispensado(campo, pai))

    def _dispensado(self, campo: Campo, pai: dict[str, Any]) -> bool:
        """The vendor's samples for v1 tell the town's code of a service and not the one of the law."""
        if not self.opcoes["exemplos_do_fornecedor"] or campo.caminho != "servico.itens[].codigo":
            return False
        return bool(pai.get("codigo_tributacao_municipio"))

    def _valor(self, caminho: str, valor: Any, campo: Campo, *, exigido: bool) -> None:
        if valor is None or valor == "":
            if exigido:
                self.faltas.append(caminho)
            elif valor == "" and self.opcoes["vazios"] == "recusa":
                self._erro(caminho, "Campo opcional sem uso deve ser null ou ausente, não texto vazio.")
        elif descricao := campo.forma(valor):
            self._erro(caminho, descricao)
        elif self._zero_sem_uso(campo, valor, exigido=exigido):
            self._erro(caminho, "Campo opcional sem uso deve ser null ou ausente, não zero.")
        elif isinstance(campo.forma, Texto):
            self._tamanho(caminho, valor, campo.forma.limite)

    def _zero_sem_uso(self, campo: Campo, valor: Any, *, exigido: bool) -> bool:
        if exigido or self.opcoes["vazios"] != "recusa" or campo.forma not in formas.NUMERICAS:
            return False
        return Decimal(str(valor)) == 0

    def _tamanho(self, caminho: str, valor: str, limite: int) -> None:
        if limite and self.opcoes["tamanhos"] and len(valor) > limite:
            self._erro(caminho, f"Tem {len(valor)} caracteres; o máximo é {limite}.")

    def _documentos(self) -> None:
        self._documento("tomador", self.corpo["tomador"], exigido=True)
        intermediario = self.corpo.get("intermediario")
        if isinstance(intermediario, dict):
            self._documento("intermediario", intermediario, exigido=False)

    def _documento(self, nome: str, pessoa: dict[str, Any], *, exigido: bool) -> None:
        cnpj, cpf = pessoa.get("cnpj") or None, pessoa.get("cpf") or None
        if cnpj and cpf:
            self._erro(f"{nome}.cnpj", "Informe só um: cnpj ou cpf.")
        elif cnpj and not self._cnpj(cnpj):
            self._erro(f"{nome}.cnpj", f"CNPJ inválido: {cnpj}.")
        elif cpf and not self._cpf(cpf):
            self._erro(f"{nome}.cpf", f"CPF inválido: {cpf}.")
        elif not cnpj and not cpf and exigido:
            self.faltas.append(f"{nome}.cnpj")

    def _cnpj(self, cnpj: str) -> bool:
        if not self.opcoes["cnpj_letras"] and not cnpj.isdecimal():
            return False
        if self.opcoes["exemplos_do_fornecedor"] and len(cnpj) == 14 and cnpj.isdecimal():
            return True
        return cnpj_valido(cnpj)

    def _cpf(self, cpf: str) -> bool:
        if self.opcoes["exemplos_do_fornecedor"] and len(cpf) == 11 and cpf.isdecimal():
            return True
        return cpf_valido(cpf)

    def _linhas(self) -> None:
        if sum((_decimal(linha["valor_servicos"]) for linha in linhas(self.corpo)), Decimal(0)) >= _TETO:
            self._erro("servico.itens", f"A soma dos valores deve ser menor que {_TETO}.")
        for numero, linha in enumerate(linhas(self.corpo)):
            caminho = f"servico.itens[{numero}]" if self.versao == 1 else "servico"
            tributos = linha if self.versao == 1 else (linha.get("tributos_municipais") or {})
            taxa = tributos.get("valor_aliquota") or tributos.get("aliquota_iss")
            if taxa is None or tributos.get("valor_iss") is None:
                continue
            descontos = (linha.get("valor_deducoes"), linha.get("valor_desconto_incondicionado"))
            base = _decimal(linha["valor_servicos"]) - sum(map(_decimal, descontos), Decimal(0))
            certo = base * _decimal(taxa) / 100
            if abs(certo - _decimal(tributos["valor_iss"])) > _TOLERANCIA:
                campo = f"{caminho}.valor_iss" if self.versao == 1 else f"{caminho}.tributos_municipais.valor_iss"
                self._erro(campo, f"Não confere com a base e a alíquota: o ISS seria {certo:.2f}.")

    def _do_padrao(self) -> None:
        """What the national layout adds: it exists on v2 only, with a numeric serie and a code of six digits."""
        if not self.nacional:
            return
        if self.versao != 2:
            self._erro("servico", "Este município usa o padrão nacional: envie pela versão 2 (/v2).")
            return
        if not self.corpo["serie"].isdecimal():
            self._erro("serie", "No padrão nacional a série deve ter só dígitos.")
        if not _SEIS_DIGITOS.fullmatch(self.corpo["servico"]["codigo"]):
            self._erro("servico.codigo", "No padrão nacional o código do serviço tem 6 dígitos, como 010101.")


def _decimal(valor: Any) -> Decimal:
    return Decimal(str(valor or 0))


def _lugares(corpo: dict[str, Any], caminho: str) -> Iterator[tuple[str, dict[str, Any] | None, str]]:
    """Where a field is: (its path, the object that holds it, its name). The object is None when an optional one above
    it is absent; what is of another type, or is required and absent, has been told of by its own field."""
    *acima, nome = caminho.split(".")
    lugares: list[tuple[str, dict[str, Any] | None]] = [("", corpo)]
    for parte in acima:
        lugares = [lugar for prefixo, pai in lugares for lugar in _descer(prefixo, pai, parte)]
    for prefixo, pai in lugares:
        yield f"{prefixo}{nome}", pai, nome


def _descer(prefixo: str, pai: dict[str, Any] | None, parte: str) -> Iterator[tuple[str, dict[str, Any] | None]]:
    nome = parte.removesuffix("[]")
    filho = None if pai is None else pai.get(nome)
    if parte.endswith("[]"):
        if isinstance(filho, list):
            yield from ((f"{prefixo}{nome}[{n}].", item) for n, item in enumerate(filho) if isinstance(item, dict))
    elif isinstance(filho, dict):
        yield f"{prefixo}{nome}.", filho
    elif filho is None and nome not in ("tomador", "servico", "endereco"):
        yield f"{prefixo}{nome}.", None
