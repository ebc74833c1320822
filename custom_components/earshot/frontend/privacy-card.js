import{a as x}from"./shared-lit-html-directives-repeat.js";import{a as L,b as h,c as _,d as T,e as C,f as S,g as R,h as E,i as W,j as O,k as P}from"./shared-house-house.js";import{a as b,b as $,c as k}from"./shared-i18n-en.js";import{a as g,b as s,e as p,k as f}from"./shared-lit-html-lit-html.js";import{a as w,b as y}from"./shared-ha-entities.js";var j={local:"mdi:home-lock",vouched:"mdi:account-check",unknown:"mdi:help-rhombus-outline",not_local:"mdi:cloud-alert"};function H(n,e){let i=e?.state??"unknown";return{state:i,icon:j[i],word:n.text(`locality.${i}`),engines:(e?.engines??[]).map(t=>({state:t.state,icon:j[t.state],role:n.one("locality.role",t.role,"locality.role.engine"),name:t.engine||n.text("locality.no_engine"),why:I(n,t)}))}}function I(n,e){return e.state==="vouched"&&e.word_of!==null&&e.word_given!==null?n.text("locality.word_of",{name:e.word_of,day:n.shortDay(e.word_given)}):n.one("locality.why",e.reason,"locality.why.not_proven")}var D=5,G={value:null,error:null},m=class{listens=G;check=G;#o;#t;#e=null;#i=0;#n=0;constructor(e,i){this.#o=e,this.#t=i}start(){this.#e??=this.#o.listen({changed:()=>this.#a(),event:e=>this.#c(e)}),this.#a()}stop(){this.#e?.(),this.#e=null,this.#n+=1,this.#i=0}get isChecking(){return this.check.value?.running===!0}async runCheck(){await this.#s(!0)}#a(){let{state:e,epoch:i}=this.#o.view;e==="ready"&&i!==this.#i&&(this.#i=i,this.#n+=1,this.#r(),this.#s(!1)),this.#t()}#c(e){e.event==="listened"?this.#r():e.event==="deletion_check"?this.#s(!1):e.event==="receipt"&&this.#t()}async#r(){await this.#l(()=>this.#o.api.listens(D),e=>{this.listens=e})}async#s(e){await this.#l(()=>this.#o.api.deletionCheck(e),i=>{this.check=i})}async#l(e,i){let t=this.#n,o;try{o={value:await e(),error:null}}catch(a){o={value:null,error:f(a)}}t===this.#n&&(i(o),this.#t())}};var A='.head{display:flex;flex-wrap:wrap;gap:8px;align-items:center}h2{flex:1 1 160px}.guests{display:flex;flex-wrap:wrap;gap:8px 16px;align-items:center;justify-content:space-between;padding:12px;border-radius:12px;background:color-mix(in srgb,var(--earshot-accent) 12%,transparent)}.guests p{display:flex;flex:1 1 200px;gap:8px;align-items:center}.choices{display:flex;flex-wrap:wrap;gap:8px}ul{display:grid;margin:0;padding:0;list-style:none}.rooms>li{display:grid;grid-template-columns:minmax(0,1fr);padding:4px 0}.rooms>li+li{border-top:1px solid var(--earshot-line)}.rooms>li>button{align-self:start;margin:0 0 8px 56px}summary{display:flex;gap:12px;align-items:center;min-height:44px;border-radius:12px;cursor:pointer;list-style:none}summary::-webkit-details-marker{display:none}summary:focus-visible{outline:2px solid var(--earshot-accent)}.rooms summary{display:grid;grid-template:"mic name more" auto "mic place more" auto / 44px minmax(0,1fr) 20px;gap:4px 12px;padding:8px 0}.more{--mdc-icon-size: 20px;flex:none;grid-area:more;color:var(--earshot-quiet)}details[open]>summary .more{transform:rotate(180deg)}.mic{--tone: var(--earshot-warn);display:grid;grid-area:mic;place-items:center;align-self:start;width:44px;height:44px;border:2px solid color-mix(in srgb,var(--tone) 70%,var(--earshot-text));border-radius:50%;background:color-mix(in srgb,var(--tone) 14%,transparent)}.mic.closed{--tone: var(--earshot-good)}.mic.open{--tone: var(--earshot-accent)}.mic.unverified{border-style:dashed}.name{display:flex;flex-direction:column;grid-area:name;min-width:0}.name b{font-weight:500}.place{--tone: var(--earshot-warn);display:inline-flex;gap:6px;grid-area:place;align-items:center;justify-self:start;padding:2px 10px 2px 8px;border:1px solid color-mix(in srgb,var(--tone) 60%,var(--earshot-text));border-radius:14px;background:color-mix(in srgb,var(--tone) 10%,transparent);font-size:var(--ha-font-size-s, 12px)}.place.local{--tone: var(--earshot-good)}.place.vouched{--tone: var(--earshot-accent)}.place.not_local{--tone: var(--earshot-bad)}.place.unknown{border-style:dashed}.place ha-icon{--mdc-icon-size: 18px}.about{padding:4px 0 12px 56px}.about ul{gap:8px}.rooms .about li{display:flex;gap:8px;align-items:flex-start;min-width:0;overflow-wrap:anywhere}.about ha-icon,.group ha-icon{--mdc-icon-size: 20px;flex:none}.about b{font-weight:500}.halves{display:grid;gap:24px}section:not(.changes){display:flex;flex-direction:column;gap:10px;align-items:stretch;min-width:0}section>.button{align-self:flex-start}.lines{gap:8px}.group .lines{padding:4px 0 8px 32px}.group summary span{flex:1}.verdict{--tone: var(--earshot-text);display:flex;gap:12px;align-items:center;padding:12px;border-radius:12px;background:color-mix(in srgb,var(--tone) 8%,transparent)}.verdict ha-icon{flex:none}.verdict.good{--tone: var(--earshot-good)}.verdict.warn{--tone: var(--earshot-warn)}.verdict.bad{--tone: var(--earshot-bad)}code{align-self:flex-start;padding:4px 8px;border-radius:6px;background:color-mix(in srgb,var(--earshot-text) 8%,transparent)}@container card (width >= 600px){.halves{grid-template-columns:1fr 1fr}.rooms summary{grid-template:"mic name place more" auto / 44px minmax(0,1fr) auto 20px;min-height:64px}.rooms>li{grid-template-columns:minmax(0,1fr) 136px;column-gap:12px}.rooms>li>button{margin:10px 0}}';function U(n,e,i){let{house:t}=e;if(!t.vault)return[{icon:"mdi:safe",label:n.text("privacy.captures"),value:n.text("error.vault_closed")}];let o=n.text("privacy.none"),a=t.next_expiry;return[{icon:"mdi:safe",label:n.text("privacy.captures"),value:t.captures===0?o:`${n.number(t.captures)} · ${n.bytes(t.bytes)}`},{icon:"mdi:calendar-start",label:n.text("privacy.oldest"),value:t.oldest===null?o:n.dayTime(t.oldest,i)},{icon:"mdi:calendar-remove",label:n.text("privacy.next"),value:a!==null?n.dayTime(a,i):t.captures===0?o:n.text("capture.stays")}]}function B(n,e){if(e.listeners.length===0)return n.text("privacy.no_listeners");let i=e.listeners.map(t=>t.name??n.text("capture.someone"));return n.text("privacy.listeners",{names:n.list(i)})}function M(n,e,i,t){let o=i.find(r=>r.room_id===e.room_id)?.name,a=e.user??n.text("capture.someone"),l=n.one("listen",e.verb,"listen.somehow",{name:a});return[n.dayTime(e.when,t),o,l].filter(Boolean).join(" · ")}var F={clean:["good","mdi:shield-check-outline"],found:["bad","mdi:shield-remove-outline"],copies:["warn","mdi:content-copy"],incomplete:["warn","mdi:shield-half-full"],nothing:["none","mdi:shield-outline"]},V=[["found","mdi:alert-circle-outline"],["unchecked","mdi:eye-off-outline"],["clean","mdi:check-circle-outline"]];function q(n,e,i){let t=e?.last??null;if(t===null)return{tone:"none",icon:"mdi:shield-search",verdict:n.text("check.never"),when:"",groups:[]};let o=t.report?.verdict??"",[a,l]=F[o]??["warn","mdi:help-circle-outline"];return{tone:a,icon:l,verdict:n.one("check",o,"check.failed"),when:n.dayTime(t.when,i),groups:V.map(([r,c])=>({title:n.text(`check.group.${r}`),icon:c,places:(t.report?.places??[]).filter(d=>d.state===r).map(d=>({name:n.one("place",d.place,"place.unknown",{key:d.place}),why:d.why===null?"":n.one("place_why",d.why,"place_why.unknown")}))})).filter(r=>r.places.length>0)}}function N(n,e,i){return E(e).map(t=>({...W(n,t,i),where:e.rooms.find(o=>o.room_id===t.room_id)?.name??n.text("change.whole_house")}))}var J="earshot-privacy",Q=[4,12,24,72],X=36e5,Y=3e4,z=50,v=class extends ${static styles=[b,C,T,g(A)];layout;preview=!1;#o=null;#t=null;#e=new L(()=>this.requestUpdate());#i=!1;#n=null;#a=null;setConfig(e){this.#o=e,this.requestUpdate()}enter(e){let i=()=>this.requestUpdate();this.#t=new m(e,i),this.#t.start(),document.addEventListener("visibilitychange",i),this.#a=()=>document.removeEventListener("visibilitychange",i)}leave(){this.#t?.stop(),this.#t=null,this.#a?.(),this.#d(null)}render(){let{words:e,house:i}=this,t=this.#t;if(!e||!i||!t)return s`<ha-card></ha-card>`;let{overview:o,state:a,error:l}=i.view,r=this.#o?.title??e.text("privacy.title");if(!o||o.rooms.length===0)return s`<ha-card>${S(e,o?"no_rooms":a==="ready"?"loading":a,l)}</ha-card>`;let c=Date.now();return this.#d(i),s`
      <ha-card>
        <div class="all">
          ${this.#c(e,r,o,a==="ready")}
          ${this.#r(e,i,o,c,a==="ready")}
          ${_(e,N(e,o,c))}
          <div class="halves">
            <section>
              <h3>${e.text("privacy.kept")}</h3>
              <dl>
                ${U(e,o,c).map(d=>s`<div>
                    <dt><ha-icon .icon=${d.icon}></ha-icon>${d.label}</dt>
                    <dd>${d.value}</dd>
                  </div>`)}
              </dl>
            </section>
            ${this.#p(e,t,o,c)}
          </div>
          <div class="halves">${this.#u(e,t,c)} ${ee(e)}</div>
        </div>
      </ha-card>
    `}#c(e,i,t,o){let{guest_until:a}=t.house,l=this.#e.error??this.house?.view.error,r=t.rooms.every(c=>c.muted);return s`
      <div class="head">
        <h2>${i}</h2>
        <button
          class="button outlined"
          ?disabled=${!o||r||this.#e.isBusy("all")}
          @click=${this.#h}
        >
          <ha-icon .icon=${"mdi:microphone-off"}></ha-icon>
          ${e.text(r?"privacy.all_muted":"privacy.mute_all")}
        </button>
        ${a===null?s`<button
              class="button outlined"
              aria-expanded=${this.#i}
              ?disabled=${!o||this.#e.isBusy("guest")}
              @click=${this.#y}
            >
              <ha-icon .icon=${"mdi:account-group-outline"}></ha-icon>
              ${e.text("guest.title")}
            </button>`:p}
      </div>
      ${this.#i&&a===null?s`<div class="guests" role="group" aria-label=${e.text("guest.how_long")}>
            <p>${e.text("guest.text")}</p>
            <div class="choices">
              ${Q.map(c=>s`<button
                  class="button filled"
                  @click=${()=>this.#v(c)}
                >
                  ${e.duration(c*X)}
                </button>`)}
            </div>
          </div>`:p}
      ${a===null?p:s`<div class="guests" role="status">
            <p>
              <ha-icon .icon=${"mdi:account-group"}></ha-icon>
              ${e.text("guest.on",{time:e.dayTime(a,Date.now())})}
            </p>
            <button
              class="button outlined"
              ?disabled=${!o||this.#e.isBusy("guest")}
              @click=${this.#g}
            >
              ${e.text("guest.end")}
            </button>
          </div>`}
      ${l?s`<p class="error" role="alert">${e.error(l)}</p>`:p}
    `}#r(e,i,t,o,a){return s`<ul class="rooms" aria-label=${e.text("privacy.rooms")}>
      ${x(t.rooms,l=>l.room_id,l=>this.#s(e,i,l,o,a))}
    </ul>`}#s(e,i,t,o,a){let l=O(e,i.microphone(t),o),r=H(e,t.locality),c=P(e,t,i.muteLeftS(t)),d=t.muted===!0;return s`
      <li>
        <details>
          <summary>
            <span class="mic ${l.shown}">
              <ha-icon .icon=${l.icon}></ha-icon>
            </span>
            <span class="name">
              <b>${t.name}</b>
              <span>${[l.word,l.detail].filter(Boolean).join(" · ")}</span>
              ${c?s`<span>${c}</span>`:p}
            </span>
            <span class="place ${r.state}">
              <ha-icon .icon=${r.icon}></ha-icon>${r.word}
            </span>
            <ha-icon class="more" .icon=${"mdi:chevron-down"}></ha-icon>
          </summary>
          <div class="about">
            <ul>
              ${r.engines.map(u=>s`<li class=${u.state}>
                  <ha-icon .icon=${u.icon}></ha-icon>
                  <span><b>${u.role}</b> ${u.name}: ${u.why}</span>
                </li>`)}
              ${r.engines.length===0?s`<li>
                    <ha-icon .icon=${r.icon}></ha-icon>
                    <span>${e.text("locality.not_judged")}</span>
                  </li>`:p}
              <li>
                <ha-icon .icon=${"mdi:ear-hearing"}></ha-icon>
                <span>${B(e,t)}</span>
              </li>
              <li>
                <ha-icon .icon=${"mdi:history"}></ha-icon>
                <span>${e.text("privacy.room_kept",{count:e.number(t.captures),rule:R(e,t)})}</span>
              </li>
            </ul>
          </div>
        </details>
        <button
          class="button outlined"
          aria-label=${e.text(d?"mute.room_off":"mute.room_on",{room:t.name})}
          ?disabled=${this.#l(t,a)}
          @click=${()=>this.#m(t)}
        >
          ${e.text(d?"mute.off":"mute.on")}
        </button>
      </li>
    `}#l(e,i){let t=this.#e.isBusy(e.room_id);return!i||t||e.muted===null||e.muted_at_device===!0}#p(e,i,t,o){let{value:a,error:l}=i.listens;return s`<section>
      <h3>${e.text("privacy.listened")}</h3>
      ${a===null?s`<p>${l?e.error(l):e.text("loading.text")}</p>`:a.length===0?s`<p>${e.text("privacy.nobody")}</p>`:s`<ul class="lines">
              ${a.map(r=>s`<li>${M(e,r,t.rooms,o)}</li>`)}
            </ul>`}
    </section>`}#u(e,i,t){let{value:o,error:a}=i.check,l=q(e,o,t),r=a===null&&o!==null;return s`<section>
      <h3>${e.text("check.title")}</h3>
      ${r?Z(e,l):s`<p>${a?e.error(a):e.text("loading.text")}</p>`}
      <button
        class="button outlined"
        ?disabled=${!r||i.isChecking||this.#e.isBusy("check")}
        @click=${()=>this.#e.run("check",()=>i.runCheck())}
      >
        ${e.text(i.isChecking?"check.running":"check.do")}
      </button>
    </section>`}#h=()=>{let{muteAll:e}=y(this.hass?.entities);this.#e.run("all",async()=>this.house?.api.press(h(e)))};#m(e){let{mute:i}=w(this.hass?.entities,e.device_id??"");this.#e.run(e.room_id,async()=>this.house?.api.mute(h(i),e.muted!==!0))}#y=()=>{this.#i=!this.#i,this.requestUpdate()};#v(e){this.#i=!1,this.#e.run("guest",async()=>this.house?.api.beginGuestMode(e))}#g=()=>{let{guestMode:e}=y(this.hass?.entities);this.#e.run("guest",async()=>this.house?.api.turnOff(h(e)))};#d(e){if(this.#n!==null&&(clearTimeout(this.#n),this.#n=null),e){let i=(e.view.overview?.rooms??[]).map(t=>e.validS(t)*1e3+z).filter(t=>t>z);this.#n=setTimeout(()=>this.requestUpdate(),Math.min(Y,...i))}}};function Z(n,e){return s`
    <p class="verdict ${e.tone}">
      <ha-icon .icon=${e.icon}></ha-icon>
      <span>${e.verdict}<small>${e.when}</small></span>
    </p>
    ${e.groups.map(i=>s`<details class="group">
        <summary>
          <ha-icon .icon=${i.icon}></ha-icon>
          <span>${i.title}: ${n.number(i.places.length)}</span>
          <ha-icon class="more" .icon=${"mdi:chevron-down"}></ha-icon>
        </summary>
        <ul class="lines">
          ${i.places.map(t=>s`<li>${t.name}${t.why?s`<small>${t.why}</small>`:p}</li>`)}
        </ul>
      </details>`)}
  `}function ee(n){return s`<section>
    <h3>${n.text("airgap.title")}</h3>
    <p class="verdict none">
      <ha-icon .icon=${"mdi:lan-disconnect"}></ha-icon>
      <span>${n.text("airgap.not_here")}<small>${n.text("airgap.why")}</small></span>
    </p>
    <code>./scripts/airgap</code>
  </section>`}k(J,v);export{v as PrivacyElement,J as element};
