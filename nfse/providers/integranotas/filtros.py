"""What notes are searched by: in the service's own base, at the town hall, and among those received."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from nfse.providers.integranotas.erros import NOME
from nfse.providers.interface import DadosInvalidos, Problema


@dataclass(frozen=True)
class FiltroBusca:
    """Search of the service's base; what is given combines with AND. `data` is of authorisation, `cancel` of
    cancellation, both inclusive. `pagina` is sent from the second on: how this search pages is not published."""

    rps_inicial: int | None = None
    rps_final: int | None = None
    serie: str = ""
    numero_inicial: int | None = None
    numero_final: int | None = None
    data_inicial: date | None = None
    data_final: date | None = None
    cancel_inicial: date | None = None
    cancel_final: date | None = None
    pagina: int = 1

    def para_envio(self) -> dict[str, Any]:
        """Raises DadosInvalidos without any filter: the service would list everything it has."""
        corpo = _usados(
            numero_rps_inicial=self.rps_inicial,
            numero_rps_final=self.rps_final,
            serie_rps=self.serie,
            numero_nfse_inicial=self.numero_inicial,
            numero_nfse_final=self.numero_final,
            data_inicial=self.data_inicial,
            data_final=self.data_final,
            cancel_inicial=self.cancel_inicial,
            cancel_final=self.cancel_final,
        )
        if not corpo:
            raise DadosInvalidos(NOME, [Problema("filtro", "A busca está sem filtro: informe número, série ou datas.")])
        return corpo | ({"pagina": str(self.pagina)} if self.pagina > 1 else {})


@dataclass(frozen=True)
class FiltroPrefeitura:
    """Search at the town hall. Each town knows a part of these, some none. `tomador` is a CPF or CNPJ."""

    emissao_inicial: date | None = None
    emissao_final: date | None = None
    competencia_inicial: date | None = None
    competencia_final: date | None = None
    tomador: str = ""
    tomador_im: str = ""
    numero: str = ""
    numero_inicial: str = ""
    numero_final: str = ""
    rps: int | None = None
    serie: str = ""
    tipo_rps: str = ""
    pagina: int = 1

    def para_envio(self) -> dict[str, Any]:
        return _usados(
            data_emissao_inicial=self.emissao_inicial,
            data_emissao_final=self.emissao_final,
            data_competencia_inicial=self.competencia_inicial,
            data_competencia_final=self.competencia_final,
            tomador_cnpj=self.tomador if len(self.tomador) == 14 else "",
            tomador_cpf=self.tomador if len(self.tomador) == 11 else "",
            tomador_im=self.tomador_im,
            nfse_numero=self.numero,
            nfse_numero_inicial=self.numero_inicial,
            nfse_numero_final=self.numero_final,
            rps_numero="" if self.rps is None else str(self.rps),
            rps_serie=self.serie,
            rps_tipo=self.tipo_rps,
            pagina=str(self.pagina),
        )


@dataclass(frozen=True)
class FiltroRecebidas:
    """Notes taken in a month (`periodo`, any day of it), of one day or of one counterpart (CNPJ) in it."""

    periodo: date
    dia: date | None = None
    cnpj: str = ""

    def para_envio(self) -> dict[str, Any]:
        return _usados(periodo=f"{self.periodo:%Y-%m}", data=self.dia, cnpj=self.cnpj)


def _usados(**campos: Any) -> dict[str, Any]:
    """What is given; dates as YYYY-MM-DD."""
    return {
        nome: valor.isoformat() if isinstance(valor, date) else valor
        for nome, valor in campos.items()
        if valor is not None and valor != ""
    }
