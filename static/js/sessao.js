// A log-in in another tab changes the security token: what this page sends takes the one the browser has now. When it
// was another user who logged in, nothing is sent and the page stays as it is.
import { avisar } from "./avisos.js";
import { $ } from "./base.js";

const { content: nome, dataset: { usuario } } = $("meta[name=sessao]");
const cookie = (qual) => document.cookie.split("; ").find((par) => par.startsWith(`${qual}=`))?.slice(qual.length + 1);

function deOutro(e) {
  const atual = cookie(`${nome}_de`);
  if (!usuario || !atual || atual === usuario) return false;
  e.preventDefault();
  e.stopImmediatePropagation();
  avisar("Outra pessoa entrou no Guichê neste navegador depois que você abriu esta tela. Nada foi enviado e o que você digitou continua aqui: entre com o seu usuário em outra aba, volte e envie de novo.", "erro");
  return true;
}

document.addEventListener("submit", (e) => e.target.elements.csrfmiddlewaretoken && deOutro(e), true);
// Fires for what the browser sends and for what htmx gathers from a form.
document.addEventListener("formdata", ({ formData }) => {
  if (formData.has("csrfmiddlewaretoken") && cookie(nome)) formData.set("csrfmiddlewaretoken", cookie(nome));
});
document.addEventListener("htmx:configRequest", (e) => {
  if (e.detail.verb !== "get" && deOutro(e)) return;
  if (cookie(nome)) e.detail.headers["X-CSRFToken"] = cookie(nome);
});
