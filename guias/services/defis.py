"""The DEFIS as it is filled in: from what was typed to what is sent, with a word for everything that does not do."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from comum.documentos import Invalido, cpf, mascarar
from comum.formatos import format_dinheiro, format_numero, parse_data, parse_dinheiro
from empresas.models import Empresa
from empresas.municipios import Municipios
from guias.models import NaoOptante
from guias.providers.defis import (
    VALORES_DO_ESTABELECIMENTO,
    VALORES_OPCIONAIS,
    Defis,
    EstabelecimentoDefis,
    Linha,
    NaoOptanteDefis,
    SocioDefis,
)
from guias.services.blocos_defis import Leitor
from guias.services.pedidos import Pedido

SEM_INATIVIDADE_DESDE = 2025
DENTRO_DO_PGDASD_DESDE = 2027  # Resolução CGSN 190/2026: delivered within the PGDAS-D, from January to March
PRAZO = (3, 31)  # Resolução CGSN 140/2018, art. 72: day held, also when it is no business day
_CEM = Decimal("100.00")

ROTULOS_DO_ESTABELECIMENTO = dict(
    zip(
        VALORES_DO_ESTABELECIMENTO,
        (
            "Estoque inicial", "Estoque final", "Caixa e bancos, início", "Caixa e bancos, fim",
            "Compras no mercado interno", "Importações", "Entradas por transferência", "Saídas por transferência",
            "Devoluções de vendas", "Total de entradas", "Devoluções de compras", "Total de despesas",
        ),
        strict=True,
    )
)  # fmt: skip
ROTULOS_OPCIONAIS = dict(
    zip(
        VALORES_OPCIONAIS,
        ("Saídas por transferência a outro estabelecimento seu", "Autos de infração pagos ou irrecorríveis"),
        strict=True,
    )
)
_COM_SINAL = frozenset({"saldoCaixaInicial", "saldoCaixaFinal"})
EVENTOS = (
    ("", "Não houve"),
    ("1", "Cisão parcial"),
    ("2", "Cisão total"),
    ("3", "Extinção"),
    ("4", "Fusão"),
    ("5", "Incorporação (incorporada)"),
)
INATIVIDADES = (
    ("2", "Houve receita no ano"),
    ("0", "Sem receita, mas a empresa não ficou inativa"),
    ("1", "Sem receita, e a empresa ficou inativa o ano todo"),
)
ADMINISTRACOES = (("", "Não houve"), ("1", "Distrital"), ("2", "Estadual"), ("3", "Federal"), ("4", "Municipal"))
_DA_ESFERA = {
    NaoOptante.Esfera.FEDERAL: "3",
    NaoOptante.Esfera.DISTRITAL: "1",
    NaoOptante.Esfera.ESTADUAL: "2",
    NaoOptante.Esfera.MUNICIPAL: "4",
}
_DISTRITAL = 1
_DA_EMPRESA = (
    ("ganho_capital", "Ganhos de capital"),
    ("exportacao_direta", "Receita de exportação direta"),
    ("renda_variavel", "Ganhos em renda variável"),
)
_DO_SOCIO = (
    ("isentos", "Rendimentos isentos"),
    ("tributaveis", "Rendimentos tributáveis"),
    ("irrf", "IRRF"),
)


@dataclass
class Erros:
    """Messages by the name of the field on the screen; those of no field under ""."""

    por_campo: dict[str, str] = field(default_factory=dict)

    def dizer(self, campo: str, texto: str) -> None:
        self.por_campo.setdefault(campo, texto)

    def __bool__(self) -> bool:
        return bool(self.por_campo)


def estabelecimentos_de(empresa: Empresa) -> list[Empresa]:
    """The matriz and its filiais, in their order: every one of them goes along."""
    filiais = [filial for filial in empresa.filiais.all() if filial.ativa]  # as prefetched for many
    return [empresa, *sorted(filiais, key=lambda filial: filial.documento)]


def prazo_da_defis(ano: int) -> date:
    return date(ano + 1, *PRAZO)


def propostos(empresa: Empresa) -> dict[str, str]:
    """What a DEFIS not begun starts with: the process by which the empresa already declares without being of the
    Simples for the Receita, if any."""
    dito = NaoOptante.objects.filter(empresa=empresa).select_related("municipio").first()
    if dito is None:
        return {}
    return {
        "nao_optante_administracao": _DA_ESFERA[NaoOptante.Esfera(dito.esfera)],
        "nao_optante_processo": dito.processo,
        "nao_optante_municipio": str(dito.municipio),
    }


def ler(
    dados: Mapping[str, Any], empresa: Empresa, ano: int, municipios: Callable[[], Municipios] = Municipios
) -> tuple[Defis | None, Erros]:
    """What was typed as a declaration, or what is wrong with it, field by field. `municipios` is asked for only when
    something names one: who reads many gives always the same."""
    erros = Erros()

    def valor(campo: str, rotulo: str, bruto: Any, *, sinal: bool = False) -> Decimal:
        lido = parse_dinheiro(str(bruto or "0"), aceita_negativo=sinal)
        if isinstance(lido, Invalido):
            erros.dizer(campo, f"{rotulo}: {lido.mensagem}")
            return Decimal("0.00")
        return lido

    def quantos(campo: str, rotulo: str) -> int:
        bruto = str(dados.get(campo) or "0").strip()
        if not bruto.isdecimal() or len(bruto) > 5:
            erros.dizer(campo, f"{rotulo}: “{bruto}” não é uma quantidade de pessoas. Escreva só o número.")
            return 0
        return int(bruto)

    da_empresa = {campo: valor(campo, rotulo, dados.get(campo)) for campo, rotulo in _DA_EMPRESA}
    lucro = str(dados.get("lucro_contabil") or "").strip()
    evento = _evento(dados, ano, erros)
    leitor = Leitor(erros.dizer, _periodo(ano, evento), municipios)
    blocos = dados.get("blocos") or {}
    defis = Defis(
        ano=ano,
        ganho_capital=da_empresa["ganho_capital"],
        exportacao_direta=da_empresa["exportacao_direta"],
        renda_variavel=da_empresa["renda_variavel"],
        empregados_inicio=quantos("empregados_inicio", "Empregados no início do ano"),
        empregados_fim=quantos("empregados_fim", "Empregados no fim do ano"),
        lucro_contabil=valor("lucro_contabil", "Lucro contábil", lucro) if lucro else None,
        tesouraria=_tesouraria(dados, valor),
        socios=_socios(dados, erros, valor),
        estabelecimentos=_estabelecimentos(dados, empresa, erros, valor, leitor),
        evento=evento,
        inatividade=_inatividade(dados, ano, erros),
        listas=leitor.da_empresa(blocos),
        nao_optante=_nao_optante(dados, erros, leitor),
    )
    soma = sum((socio.participacao for socio in defis.socios), defis.tesouraria or Decimal(0))
    if defis.socios and soma != _CEM:
        falta = "faltam" if soma < _CEM else "sobram"
        erros.dizer(
            "socios",
            f"As participações dos sócios, com as cotas em tesouraria, somam {format_numero(soma, 2)} %: {falta} "
            f"{format_numero(abs(_CEM - soma), 2)} %. Devem somar 100,00 %.",
        )
    return (None if erros else defis), erros


def _tesouraria(dados: Mapping[str, Any], valor: Any) -> Decimal | None:
    bruto = str(dados.get("tesouraria") or "").strip()
    return valor("tesouraria", "Cotas em tesouraria (%)", bruto) if bruto else None


def _socios(dados: Mapping[str, Any], erros: Erros, valor: Any) -> tuple[SocioDefis, ...]:
    socios: list[SocioDefis] = []
    vistos: set[str] = set()
    for n, linha in enumerate(dados.get("socios") or []):
        if not any(str(item or "").strip() for item in linha.values()):
            continue
        campo = f"socio-{n}-cpf"
        lido = cpf(str(linha.get("cpf") or ""))
        if isinstance(lido, Invalido):
            erros.dizer(campo, f"Sócio {n + 1}: {lido.mensagem}")
            numero = ""
        else:
            numero = lido
            if numero in vistos:
                erros.dizer(campo, f"Sócio {n + 1}: o CPF {mascarar(numero)} já está na lista. Deixe um só.")
            vistos.add(numero)
        valores = {
            nome: valor(f"socio-{n}-{nome}", f"Sócio {n + 1}, {rotulo.lower()}", linha.get(nome))
            for nome, rotulo in _DO_SOCIO
        }
        participacao = valor(f"socio-{n}-participacao", f"Sócio {n + 1}, participação", linha.get("participacao"))
        if participacao > _CEM:
            erros.dizer(f"socio-{n}-participacao", f"Sócio {n + 1}: a participação não passa de 100,00 %.")
        socios.append(SocioDefis(numero, valores["isentos"], valores["tributaveis"], participacao, valores["irrf"]))
    if not socios:
        erros.dizer("socios", "Informe ao menos um sócio, com CPF e participação no capital.")
    return tuple(socios)


def _estabelecimentos(
    dados: Mapping[str, Any], empresa: Empresa, erros: Erros, valor: Any, leitor: Leitor
) -> tuple[EstabelecimentoDefis, ...]:
    digitados, blocos = dados.get("estabelecimentos") or {}, dados.get("blocos") or {}
    feitos = []
    for estabelecimento in estabelecimentos_de(empresa):
        cnpj = estabelecimento.documento
        linha = digitados.get(cnpj) or {}
        onde = "Matriz" if estabelecimento.pk == empresa.pk else f"Filial {mascarar(cnpj)}"
        valores = {
            nome: valor(f"est-{cnpj}-{nome}", f"{onde}, {rotulo.lower()}", linha.get(nome), sinal=nome in _COM_SINAL)
            for nome, rotulo in ROTULOS_DO_ESTABELECIMENTO.items()
        }
        partes = ("aquisicoesMercadoInterno", "importacoes", "totalEntradasPorTransferencia", "totalDevolucoesVendas")
        minimo = sum((valores[nome] for nome in partes), Decimal(0))
        if valores["totalEntradas"] < minimo:
            erros.dizer(
                f"est-{cnpj}-totalEntradas",
                f"{onde}: o total de entradas não pode ser menor que a soma de compras, importações, transferências e "
                f"devoluções de vendas ({format_dinheiro(minimo)}).",
            )
        opcionais = {
            nome: valor(f"est-{cnpj}-{nome}", f"{onde}, {rotulo.lower()}", linha.get(nome))
            for nome, rotulo in ROTULOS_OPCIONAIS.items()
            if str(linha.get(nome) or "").strip()
        }
        feitos.append(EstabelecimentoDefis(cnpj, valores | opcionais, leitor.do_estabelecimento(blocos, (cnpj, onde))))
    return tuple(feitos)


def _evento(dados: Mapping[str, Any], ano: int, erros: Erros) -> tuple[int, int] | None:
    tipo, bruto = str(dados.get("evento") or ""), str(dados.get("evento_em") or "").strip()
    if not tipo:
        return None
    if tipo not in dict(EVENTOS):
        erros.dizer("evento", "Escolha o evento da situação especial.")
        return None
    quando = parse_data(bruto)
    if isinstance(quando, Invalido):
        erros.dizer("evento_em", f"Dia do evento: {quando.mensagem}")
        return None
    if quando.year != ano:
        erros.dizer("evento_em", f"O evento deve ser de {ano}, o ano-calendário desta DEFIS.")
    return int(tipo), int(f"{quando:%Y%m%d}")


def _periodo(ano: int, evento: tuple[int, int] | None) -> tuple[date, date]:
    fim = date.fromisoformat(str(evento[1])) if evento else date(ano, 12, 31)
    return date(ano, 1, 1), fim


def _nao_optante(dados: Mapping[str, Any], erros: Erros, leitor: Leitor) -> NaoOptanteDefis | None:
    administracao, processo, municipio = (
        str(dados.get(f"nao_optante_{nome}") or "").strip() for nome in ("administracao", "processo", "municipio")
    )
    if not (administracao or processo or municipio):
        return None
    if not administracao or administracao not in dict(ADMINISTRACOES):
        erros.dizer(
            "nao_optante_administracao", "Não optante: escolha a administração tributária em que corre o processo."
        )
        return None
    numero = "".join(letra for letra in processo if letra not in " .-/")
    if not (numero.isascii() and numero.isdecimal() and len(numero) <= 20):
        erros.dizer(
            "nao_optante_processo", "Não optante: o número do processo tem até 20 algarismos. Copie-o do protocolo."
        )
    uf, tom = leitor.do_processo(municipio)
    if uf and int(administracao) == _DISTRITAL and uf != "DF":
        erros.dizer("nao_optante_municipio", "Não optante: administração distrital é a do DF, informe Brasília/DF.")
    return NaoOptanteDefis(int(administracao), uf, tom, numero)


def _inatividade(dados: Mapping[str, Any], ano: int, erros: Erros) -> int | None:
    if ano >= SEM_INATIVIDADE_DESDE:
        return None
    bruto = str(dados.get("inatividade") or "")
    if bruto not in dict(INATIVIDADES):
        erros.dizer("inatividade", f"A DEFIS de {ano} pergunta se houve atividade. Escolha uma resposta.")
        return None
    return int(bruto)


# -- the approved declaration in Operacao.pedido, and back ------------------------------------------------------------


def para_json(defis: Defis) -> Pedido:
    pedido: Pedido = {
        "ano": defis.ano,
        "ganho_capital": str(defis.ganho_capital),
        "empregados": [defis.empregados_inicio, defis.empregados_fim],
        "exportacao_direta": str(defis.exportacao_direta),
        "renda_variavel": str(defis.renda_variavel),
        "lucro_contabil": None if defis.lucro_contabil is None else str(defis.lucro_contabil),
        "tesouraria": None if defis.tesouraria is None else str(defis.tesouraria),
        "evento": list(defis.evento) if defis.evento else None,
        "inatividade": defis.inatividade,
        "socios": [[s.cpf, str(s.isentos), str(s.tributaveis), str(s.participacao), str(s.irrf)] for s in defis.socios],
        "estabelecimentos": [
            [e.cnpj, {nome: str(valor) for nome, valor in e.valores.items()}] for e in defis.estabelecimentos
        ],
    }
    # Absent where there is none: what was approved before these lists existed reads, and is told apart, as it was.
    listas = {"": defis.listas} | {e.cnpj: e.listas for e in defis.estabelecimentos}
    if escritas := {de: _escritas(suas) for de, suas in listas.items() if suas}:
        pedido["listas"] = escritas
    if defis.nao_optante is not None:
        pedido["nao_optante"] = asdict(defis.nao_optante)
    return pedido


def _escritas(listas: Mapping[str, tuple[Linha, ...]]) -> Pedido:
    return {
        nome: [{c: str(v) if isinstance(v, Decimal) else v for c, v in linha.items()} for linha in linhas]
        for nome, linhas in listas.items()
    }


def _lidas(listas: Mapping[str, list[Mapping[str, Any]]]) -> dict[str, tuple[Linha, ...]]:
    return {
        nome: tuple({c: Decimal(v) if c == "valor" else v for c, v in linha.items()} for linha in linhas)
        for nome, linhas in listas.items()
    }


def de_json(pedido: Pedido) -> Defis:
    def opcional(nome: str) -> Decimal | None:
        return None if pedido[nome] is None else Decimal(pedido[nome])

    evento, listas, processo = pedido["evento"], pedido.get("listas", {}), pedido.get("nao_optante")
    return Defis(
        ano=pedido["ano"],
        ganho_capital=Decimal(pedido["ganho_capital"]),
        empregados_inicio=pedido["empregados"][0],
        empregados_fim=pedido["empregados"][1],
        exportacao_direta=Decimal(pedido["exportacao_direta"]),
        renda_variavel=Decimal(pedido["renda_variavel"]),
        lucro_contabil=opcional("lucro_contabil"),
        tesouraria=opcional("tesouraria"),
        evento=(evento[0], evento[1]) if evento else None,
        inatividade=pedido["inatividade"],
        socios=tuple(
            SocioDefis(cpf, Decimal(isentos), Decimal(tributaveis), Decimal(participacao), Decimal(irrf))
            for cpf, isentos, tributaveis, participacao, irrf in pedido["socios"]
        ),
        estabelecimentos=tuple(
            EstabelecimentoDefis(
                cnpj, {nome: Decimal(valor) for nome, valor in valores.items()}, _lidas(listas.get(cnpj, {}))
            )
            for cnpj, valores in pedido["estabelecimentos"]
        ),
        listas=_lidas(listas.get("", {})),
        nao_optante=NaoOptanteDefis(**processo) if processo else None,
    )
