"""What the business rules look at: one DPS, the moment, the register, the data of the municípios."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property

from sandbox.nacional import calculo, municipios
from sandbox.nacional.arvore import Campos
from sandbox.nacional.codigos import Mensagem
from sandbox.nacional.models import Inscrito
from sandbox.nacional.municipios import ParametrosMunicipais
from sandbox.nacional.opcoes import Opcoes
from sandbox.nacional.servicos import PRESTACAO, TOMADOR, Servico, servicos
from sandbox.nucleo.ajustes import BRASILIA


@dataclass(frozen=True)
class Exame:
    """`web`: issued on the portal of the service itself, whose series and numbers are its own."""

    dps: Campos
    id_dps: str
    agora: datetime
    opcoes: Opcoes
    registro: Inscrito | None
    web: bool = False

    @cached_property
    def prestador(self) -> str:
        return self.dps.um_de("prest", "CNPJ", "CPF")

    @cached_property
    def tomador(self) -> str:
        """CNPJ or CPF; empty for one abroad or not identified."""
        return self.dps.um_de("toma", "CNPJ", "CPF")

    @cached_property
    def intermediario(self) -> str:
        return self.dps.um_de("interm", "CNPJ", "CPF")

    @cached_property
    def emissao(self) -> datetime:
        return self.dps.instante("dhEmi")

    @cached_property
    def competencia(self) -> date:
        return self.dps.dia("dCompet")

    @cached_property
    def hoje(self) -> date:
        return self.agora.astimezone(BRASILIA).date()

    @cached_property
    def municipio(self) -> ParametrosMunicipais:
        return municipios.de(self.opcoes, self.dps.texto("cLocEmi"))

    @cached_property
    def codigo(self) -> str:
        return self.dps.texto("serv/cServ/cTribNac")

    @cached_property
    def servico(self) -> Servico | None:
        return servicos().get(self.codigo)

    @cached_property
    def local_incidencia(self) -> str:
        """IBGE code of the município that has the ISSQN (LC 116, art. 3); that of the emitente when the place is
        abroad or not told."""
        onde = self.servico.incidencia if self.servico else ""
        achado = ""
        if onde == PRESTACAO:
            achado = self.dps.texto("serv/locPrest/cLocPrestacao")
        elif onde == TOMADOR:
            achado = self.dps.texto("toma/end/endNac/cMun")
        return achado or self.dps.texto("cLocEmi")

    @cached_property
    def incidencia(self) -> ParametrosMunicipais:
        return municipios.de(self.opcoes, self.local_incidencia)

    @cached_property
    def aliquota_municipal(self) -> Decimal | None:
        return self.incidencia.aliquota_em(self.codigo, self.competencia)

    @cached_property
    def valores(self) -> calculo.Valores:
        return calculo.valores(self.dps, self.aliquota_municipal)

    @property
    def simples(self) -> str:
        return self.dps.texto("prest/regTrib/opSimpNac")

    @property
    def apuracao(self) -> str:
        return self.dps.texto("prest/regTrib/regApTribSN")

    @property
    def regime_especial(self) -> str:
        return self.dps.texto("prest/regTrib/regEspTrib")

    @property
    def tributacao(self) -> str:
        return self.dps.texto("valores/trib/tribMun/tribISSQN")

    @property
    def tributavel(self) -> bool:
        return self.tributacao == calculo.TRIBUTAVEL

    @property
    def suspensa(self) -> bool:
        return self.dps.tem("valores/trib/tribMun/exigSusp")

    @property
    def retido(self) -> bool:
        return self.dps.texto("valores/trib/tribMun/tpRetISSQN") != calculo.SEM_RETENCAO


Regra = Callable[[Exame], Iterator[str | Mensagem]]  # a code, or a message that says more
