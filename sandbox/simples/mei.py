"""What a MEI owes for one month, and the minimum wage it hangs on.

LC 123/2006, arts. 18-A and 18-F; LC 214/2025 for the periods from 2027 on. Wages: Leis 14.158/2021, 14.358/2022 and
14.663/2023, MP 1.143/2022, Decretos 11.864/2023, 12.342/2024 and 12.797/2025.
"""

from collections.abc import Mapping
from decimal import ROUND_DOWN, Decimal

INSS, ICMS, ISS = "0151", "0083", "0125"
CBS, IBS = "1011", "1012"  # no codes were published: those of the sandbox's PGDASD
NOMES = {INSS: "INSS", ICMS: "ICMS", ISS: "ISS", CBS: "CBS", IBS: "IBS"}
# First period of each wage, newest first.
_SALARIOS = (
    (202601, "1621.00"),
    (202501, "1518.00"),
    (202401, "1412.00"),
    (202305, "1320.00"),
    (202301, "1302.00"),
    (202201, "1212.00"),
    (202101, "1100.00"),
)
_ULTIMO_ANO = 2026


def salario(pa: int, informados: Mapping[str, str]) -> Decimal | None:
    """The wage of a period; `informados`: those of years that the table does not have, by year, as text."""
    if str(pa // 100) in informados:
        return Decimal(informados[str(pa // 100)])
    if pa // 100 > _ULTIMO_ANO:
        return None
    return next((Decimal(valor) for desde, valor in _SALARIOS if pa >= desde), None)


def devido(pa: int, wage: Decimal, *, icms: bool, iss: bool, caminhoneiro: bool, beneficio: bool) -> dict[str, Decimal]:
    """Revenue code -> reais; what is not due is absent."""
    partes: dict[str, Decimal] = {}
    if not beneficio:
        por_cento = 12 if caminhoneiro else 5
        partes[INSS] = (wage * por_cento / 100).quantize(Decimal("0.01"), ROUND_DOWN)
    if icms:
        partes[ICMS] = Decimal("1.00")
    if iss:
        partes[ISS] = Decimal("5.00")
    if pa >= 202701:
        partes |= {CBS: Decimal("0.99"), IBS: Decimal("0.01")}  # R$ 0,994 and R$ 0,006, in cents
    return partes
