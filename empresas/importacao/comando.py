"""The import page as a command of manage.py, for any kind of file."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from comum.models import Papel, Usuario
from comum.planilhas import escrever_csv
from empresas.importacao import base
from empresas.models import Importacao


class ComandoDeImportacao(BaseCommand):
    """`tipo` names the Importador; more arguments and what they mean are of each command."""

    tipo: str

    def parametros(self, usuario: Usuario, options: dict[str, Any]) -> dict[str, Any]:
        return {}

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("arquivo", type=Path)
        parser.add_argument("--conferir", action="store_true", help="só confere; não grava nada")
        parser.add_argument("--usuario", help="em nome de quem (padrão: o primeiro administrador ativo)")
        parser.add_argument("--recusadas", type=Path, help="grava as linhas recusadas neste CSV")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            conteudo = options["arquivo"].read_bytes()
        except OSError as erro:
            raise CommandError(f"Não foi possível ler {options['arquivo']}: {erro.strerror}.") from erro
        usuario = self._usuario(options["usuario"])
        try:
            importacao = base.receber(
                tipo=self.tipo,
                usuario=usuario,
                nome_arquivo=options["arquivo"].name,
                conteudo=conteudo,
                parametros=self.parametros(usuario, options),
                agendar=False,
            )
        except base.ImportacaoRecusada as recusa:
            raise CommandError(str(recusa)) from recusa
        base.conferir(importacao.pk)
        importacao.refresh_from_db()
        self._relatar(importacao, options["recusadas"])
        if not options["conferir"]:
            self._importar(importacao)

    def _usuario(self, username: str | None) -> Usuario:
        usuarios = Usuario.objects.filter(is_active=True)
        achado = (
            usuarios.filter(username=username).first()
            if username
            else usuarios.filter(papel=Papel.ADMINISTRADOR).order_by("pk").first()
        )
        if achado is None:
            quem = f"o usuário {username}" if username else "um administrador"
            raise CommandError(f"Não há {quem} ativo. Crie com ./run manage.py createsuperuser ou use --usuario.")
        return achado

    def _relatar(self, importacao: Importacao, recusadas: Path | None) -> None:
        if importacao.situacao == Importacao.Situacao.FALHOU:
            raise CommandError(importacao.mensagem)
        r = importacao.resultado
        for aviso in r["avisos"]:
            self.stdout.write(self.style.WARNING(aviso))
        for linha, coluna, valor, motivo, *marca in importacao.recusas[: base.AMOSTRA]:
            entra = " (a linha entra)" if marca else ""
            self.stdout.write(f"linha {linha}, {coluna or 'linha inteira'}: {valor!r}: {motivo}{entra}")
        if r["celulas"] > base.AMOSTRA:
            self.stdout.write(
                f"... e mais {r['celulas'] - base.AMOSTRA} recusas (use --recusadas ARQUIVO para ver todas)"
            )
        self.stdout.write(
            f"{importacao.linhas} linhas: {r['novas']} novas, {r['alteradas']} alteradas, {r['iguais']} iguais, "
            f"{r['recusadas']} recusadas."
        )
        if recusadas is not None:
            recusadas.write_bytes(b"".join(escrever_csv(*base.recusas_em_tabela(importacao))))

    def _importar(self, importacao: Importacao) -> None:
        try:
            base.pedir_importar(importacao, agendar=False)
        except base.ImportacaoRecusada as recusa:
            self.stdout.write(str(recusa))
            return
        base.importar(importacao.pk)
        importacao.refresh_from_db()
        if importacao.situacao != Importacao.Situacao.IMPORTADA:
            raise CommandError(importacao.mensagem)
        self.stdout.write(self.style.SUCCESS("Importado."))
