"""What the benchmark of the limits tells."""

from datetime import UTC, datetime, timedelta

from tests.bench.bench_limites import ACESSOS, _linha


def test_calls_the_service_held_to_be_over_are_told_and_count_in_no_rate() -> None:
    inicio = datetime(2026, 11, 21, 12, tzinfo=UTC)
    instantes = [(inicio + timedelta(seconds=35 * n)).isoformat() for n in range(5)]
    chamadas = [{"instante": instante, "limite": ""} for instante in instantes]
    chamadas.append({"instante": instantes[-1], "limite": "excedido"})
    dito = _linha(ACESSOS[-1], chamadas)["o_que"]
    assert dito == "1 in 35 s: 5 calls, 100.0% of the rate, 1 over the service's 2 a minute"
