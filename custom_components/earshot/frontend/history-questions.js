import{c as g,e as y}from"./shared-i18n-en.js";import{a as u,b as s,e as d,g as h,k as m}from"./shared-lit-html-lit-html.js";var b="dialog{width:min(420px,calc(100vw - 32px));max-height:calc(100dvh - 32px);padding:24px;border:0;border-radius:28px;background:var(--earshot-surface);box-shadow:0 8px 32px #0000004d;color:var(--earshot-text)}dialog::backdrop{background:#0000007f}form{display:flex;flex-direction:column;gap:16px}h2,p{margin:0}h2{font-size:var(--ha-font-size-xl, 20px);font-weight:500}p{color:var(--earshot-quiet)}p.strong{color:inherit;font-weight:500}.error{color:color-mix(in srgb,var(--earshot-bad) 75%,var(--earshot-text))}.check{display:flex;gap:12px;align-items:center;min-height:44px}.code{font-size:24px;letter-spacing:.3em}.secret{display:flex;gap:4px}footer{display:flex;flex-wrap:wrap;gap:8px;justify-content:end;margin-top:8px}@media(prefers-reduced-motion:no-preference){dialog[open]{animation:appear .12s ease-out}@keyframes appear{0%{opacity:0;transform:translateY(8px)}}}";var p=class extends h{static styles=[g,u(b)];words=null;#t=null;#r=null;#a=null;#e=!1;#s=!1;ask(e,t){return this.#n(!1),this.words=e,this.#t=t,this.#a=null,this.#e=this.#s=!1,this.requestUpdate(),new Promise(o=>{this.#r=o})}refresh(){this.requestUpdate()}disconnectedCallback(){super.disconnectedCallback(),this.#n(!1)}render(){let{words:e}=this,t=this.#t;if(!e||!t)return d;let o=t.content(),r=this.#a??o.error;return s`
      <dialog
        aria-labelledby="heading"
        @close=${()=>this.#n(!1)}
        @cancel=${this.#c}
        @click=${this.#d}
      >
        <form @submit=${this.#l}>
          <h2 id="heading">${t.heading}</h2>
          ${o.strong?.map(a=>s`<p class="strong" role="status">${a}</p>`)}
          ${o.lines?.map(a=>s`<p>${a}</p>`)}
          ${o.fields?.map(a=>this.#i(a))}
          <p class="error" role="alert" ?hidden=${!r}>${r?e.error(r):d}</p>
          <footer>
            <button type="button" class="button" @click=${()=>this.#n(!1)}>
              ${e.text("dialog.cancel")}
            </button>
            <button
              type="submit"
              class="button ${t.danger?"danger":"filled"}"
              ?disabled=${this.#e||o.blocked}
            >
              ${this.#e?e.text("dialog.working"):t.action}
            </button>
          </footer>
        </form>
      </dialog>
    `}updated(){let e=this.renderRoot.querySelector("dialog");e&&!this.#s&&(this.#s=!0,e.showModal(),this.renderRoot.querySelector("input, textarea, select")?.focus())}#i(e){switch(e.kind){case"text":return this.#o(e.label,s`<input name=${e.name} required maxlength=${e.longest} autocomplete="off" .value=${e.value??""} />`);case"lines":return this.#o(e.label,s`<textarea name=${e.name} required rows="3" maxlength=${e.longest} .value=${e.value??""}></textarea>`);case"code":return this.#o(e.label,s`<input
            class="code"
            name=${e.name}
            required
            inputmode="numeric"
            autocomplete="one-time-code"
            pattern="[0-9]{6}"
            maxlength="6"
          />`);case"secret":return this.#o(e.label,s`<div class="secret">
            <input name=${e.name} type="password" required maxlength="256" autocomplete="off" />
            <button type="button" class="icon-button" aria-label=${e.show} aria-pressed="false" @click=${k}>
              <ha-icon .icon=${"mdi:eye-outline"}></ha-icon>
            </button>
          </div>`);case"choice":return this.#o(e.label,s`<select name=${e.name}>
            ${e.choices.map(([t,o])=>s`<option value=${t} ?selected=${t===e.value}>${o}</option>`)}
          </select>`);case"check":return s`<label class="check">
          <input
            type="checkbox"
            name=${e.name}
            .checked=${e.checked}
            @change=${t=>e.changed(t.target.checked)}
          />
          ${e.label}
        </label>`}}#o(e,t){return s`<label class="field"><span>${e}</span>${t}</label>`}#l=async e=>{e.preventDefault();let t=this.#t;if(!t||this.#e)return;let o={};for(let[r,a]of new FormData(e.target))o[r]=String(a);this.#e=!0,this.#a=null,this.requestUpdate();try{await t.attempt(o)}catch(r){t===this.#t&&(this.#e=!1,this.#a=m(r),this.requestUpdate());return}t===this.#t&&this.#n(!0)};#c=e=>{this.#e&&e.preventDefault()};#d=e=>{e.target===e.currentTarget&&!this.#e&&this.#n(!1)};#n(e){let t=this.#r;this.#r=this.#t=null;let o=this.renderRoot?.querySelector("dialog");o?.open&&o.close(),this.requestUpdate(),t?.(e)}};function k(n){let e=n.currentTarget,t=e.previousElementSibling,o=t.type==="text";t.type=o?"password":"text",e.setAttribute("aria-pressed",String(!o))}y("earshot-dialog",p);function l(n,e,t,o){return{heading:n.text(`${e}.title`),action:n.text(`${e}.do`),content:()=>({lines:[n.text(`${e}.text`)],fields:t}),attempt:o}}var v=[1,3,7,14,30],$=200,E=1e3;function W(n,e,t){let o={kind:"code",name:"code",label:n.text("second_factor.code")};return l(n,"second_factor",[o],async r=>{t((await e.secondFactor(r.code??"")).seconds)})}function L(n,e,t,o,r){let a={kind:"choice",name:"seal",label:n.text("locked.seal.title"),choices:t.map(i=>[i.seal_id,o(i)])},c={kind:"secret",name:"passphrase",label:n.text("passphrase.label"),show:n.text("passphrase.show")};return l(n,"passphrase",t.length>1?[a,c]:[c],async i=>{let x=i.seal??t[0]?.seal_id??"";r(await e.unlock(x,i.passphrase??""))})}function A(n,e,t){let o={kind:"choice",name:"days",label:n.text("pin.days"),choices:v.map(a=>[String(a),n.count("pin.days_count",a)]),value:"7"},r={kind:"text",name:"reason",label:n.text("pin.reason"),longest:$};return l(n,"pin",[r,o],async a=>{await e.pin(t.id,Number(a.days),a.reason??"")})}function C(n,e,t){let o={kind:"lines",name:"text",label:n.text("label.right"),longest:E,value:t.right_text??t.transcript??""},r="wrong_text";return l(n,"label",[o],a=>e.label(t.id,r,a.text))}function F(n,e){return l(n,"export",[],e)}function P(n,e){return{heading:n.text("delete.title"),action:n.text("delete.do"),danger:!0,content:()=>{let{state:t}=e;if(t.kind==="failed")return{blocked:!0,error:t.error};if(t.kind!=="asking")return{strong:[n.text("delete.counting")],blocked:!0};let{captures:o,pinned:r}=t.count,a=o?n.count("delete.count",o):n.text("delete.none");return{strong:[r>0&&!t.withPinned?`${a} ${n.count("delete.pinned",r)}`:a],lines:[n.text("delete.undo")],fields:r>0?[{kind:"check",name:"pinned",label:n.text("delete.with_pinned"),checked:t.withPinned,changed:i=>{e.ask(t.what,i)}}]:[],blocked:o===0}},attempt:()=>e.agree()}}export{P as deleting,F as exporting,L as passphrase,A as pin,C as rightText,W as secondFactor};
