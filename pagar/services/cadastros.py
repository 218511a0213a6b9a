"""The registers of accounts payable as a run needs them: read once, asked for many documents."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.urls import reverse

from comum.documentos import mascarar
from empresas.models import Empresa, Municipio
from pagar.models import (
    ContaErp,
    EstabelecimentoErp,
    Fornecedor,
    Origem,
    RegraImposto,
    RegraTitulo,
    Retencao,
)
from pagar.providers.blocos import Rateio
from pagar.providers.campos import TAMANHOS
from pagar.services.rascunhos import Destino, destinos, por_codigo, regra_de

NOMES_DAS_ORIGENS = {
    Origem.DAS: "o DAS",
    Origem.DAS_MEI: "o DAS-MEI",
    Origem.DAS_PARCELA: "o DAS de parcela",
    Origem.DARF: "o DARF",
    Origem.DARF_DCTFWEB: "o DARF da DCTFWeb",
    Origem.NOTA: "notas de serviço tomado",
}
# Without a rule of its own, a kind of guia is written as the wider kind it belongs to.
_COMO = {Origem.DAS_MEI: Origem.DAS, Origem.DAS_PARCELA: Origem.DAS, Origem.DARF_DCTFWEB: Origem.DARF}


@dataclass(frozen=True)
class Lugar:
    """Where the titles of an empresa are written. `exclusivo`: no other empresa's go there, so that a number needs no
    code of the empresa behind."""

    destino: Destino
    exclusivo: bool

    @property
    def conta(self) -> ContaErp:
        return self.destino.conta

    @property
    def maximo(self) -> int:
        """How long a number may be there."""
        return int(self.conta.tamanhos.get("número", TAMANHOS["número"]))


@dataclass(frozen=True)
class Falta:
    """What a register lacks, in pt-BR, and the page where it is added."""

    mensagem: str
    url: str = ""


class Cadastros:
    """Everything active, in a constant number of queries."""

    def __init__(self, empresas: Iterable[Empresa]) -> None:
        self._destinos = destinos(empresas)
        self._contas = set(ContaErp.objects.filter(ativa=True).values_list("pk", flat=True))
        usados = EstabelecimentoErp.objects.values_list("conta", "empresa_erp", "estabelecimento")
        self._quantos = Counter((conta, empresa.upper(), onde.upper()) for conta, empresa, onde in usados)
        self._regras = por_codigo(RegraTitulo.objects.select_related("fornecedor").filter(conta__in=self._contas))
        self._impostos = {
            (regra.conta_id, regra.retencao, regra.municipio_id): regra
            for regra in RegraImposto.objects.select_related("conta", "fornecedor").filter(conta__in=self._contas)
        }
        ativos = Fornecedor.objects.filter(ativo=True, conta__in=self._contas)
        self._por_papel = {
            (fornecedor.conta_id, fornecedor.papel, fornecedor.municipio_id): fornecedor
            for fornecedor in ativos.exclude(papel="")
        }
        self._por_documento: dict[tuple[UUID, str], Fornecedor] = {}

    def conhecer(self, documentos: Iterable[str]) -> None:
        """Read the suppliers of these CNPJ or CPF, before they are asked for."""
        achados = Fornecedor.objects.filter(ativo=True, conta__in=self._contas, documento__in=set(documentos) - {""})
        self._por_documento |= {(fornecedor.conta_id, fornecedor.documento): fornecedor for fornecedor in achados}

    def lugar(self, empresa: Empresa) -> Lugar | Falta:
        destino = self._destinos.get(empresa.pk)
        if destino is not None:
            conta, onde = destino.conta, (destino.empresa_erp.upper(), destino.estabelecimento.upper())
            do_padrao = onde == (conta.empresa.upper(), conta.estabelecimento.upper())
            return Lugar(destino, self._quantos[conta.pk, *onde] == 1 and not do_padrao)
        if not self._contas:
            return Falta("Não há conta do ERP ativa. Inclua uma em Contas do ERP.", reverse("pagar:contas"))
        texto = "Há mais de uma conta do ERP: informe em qual estabelecimento ficam os títulos desta empresa."
        return Falta(texto, reverse("pagar:estabelecimentos"))

    def regra(self, conta: ContaErp, origem: Origem, *codigos: str) -> RegraTitulo | Falta:
        """The rule of the first of these codes that has one, else that of all the others of its kind, else that of the
        wider kind."""
        for como in filter(None, (origem, _COMO.get(origem))):
            for procurado in dict.fromkeys((*codigos, "")):
                if (regra := self._regras.get((conta.pk, como, procurado))) is not None:
                    return regra
        falta = f"Falta a regra de título para {NOMES_DAS_ORIGENS[origem]} na conta {conta.nome}."
        return Falta(f"{falta} Inclua-a em Regras de títulos.", reverse("pagar:regras"))

    def regra_de(self, fornecedor: Fornecedor) -> RegraTitulo | None:
        return regra_de(fornecedor, self._regras)

    def imposto(self, conta: ContaErp, retencao: Retencao, municipio: Municipio | None) -> RegraImposto | Falta:
        do_iss = municipio.pk if retencao is Retencao.ISS and municipio else None
        for procurado in dict.fromkeys((do_iss, None)):
            if (regra := self._impostos.get((conta.pk, retencao, procurado))) is not None:
                return regra
        onde = f" de {municipio}" if do_iss is not None else ""
        falta = f"A nota retém {retencao.label}, e falta a regra do imposto{onde} na conta {conta.nome}."
        return Falta(f"{falta} Inclua-a em Impostos retidos.", reverse("pagar:impostos"))

    def receita(self, conta: ContaErp) -> Fornecedor | Falta:
        achado = self._por_papel.get((conta.pk, Fornecedor.Papel.RECEITA, None))
        return achado or Falta(
            "Falta o fornecedor com o papel de Receita Federal. Informe-o em Fornecedores.",
            reverse("pagar:fornecedores"),
        )

    def prefeitura(self, conta: ContaErp, municipio: Municipio | None) -> Fornecedor | Falta:
        achado = self._por_papel.get((conta.pk, Fornecedor.Papel.PREFEITURA, municipio.pk if municipio else None))
        return achado or Falta(
            f"Falta o fornecedor que é a prefeitura de {municipio or 'cada município'}. Informe-o em Fornecedores.",
            reverse("pagar:fornecedores"),
        )

    def prestador(self, conta: ContaErp, documento: str, nome: str) -> Fornecedor | Falta:
        if (achado := self._por_documento.get((conta.pk, documento))) is not None:
            return achado
        quem = f"{nome} ({mascarar(documento)})" if documento else nome
        return Falta(
            f"O prestador {quem} não está em Fornecedores. Inclua-o com o código que ele tem no ERP.",
            reverse("pagar:fornecedores"),
        )


def rateio_de(regra: RegraTitulo, valor: Any) -> Rateio:
    """One line with all of the value, as the rule writes it."""
    return Rateio(
        plano_contas=regra.plano_contas,
        conta=regra.conta_contabil,
        unidade_negocio=regra.unidade_negocio,
        plano_centro_custo=regra.plano_centro_custo,
        centro_custo=regra.centro_custo,
        fluxo=regra.fluxo,
        valor=valor,
    )
