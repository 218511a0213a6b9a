"""The simulated services of what the Receita tells and of what is told to it once a year."""

from sandbox.integra_contador.receita import caixapostal, defis, dte, pnr, regime, sitfis
from sandbox.integra_contador.simulado import Simulado

SERVICOS: dict[str, Simulado] = {
    **sitfis.SERVICOS,
    **caixapostal.SERVICOS,
    **dte.SERVICOS,
    **regime.SERVICOS,
    **defis.SERVICOS,
    **pnr.SERVICOS,
}
