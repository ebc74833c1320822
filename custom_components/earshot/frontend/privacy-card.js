import{a as x}from"./shared-lit-html-directives-repeat.js";import{a as _,b as h,c as L,d as T,e as C,f as S,g as R,h as E,i as W,j as O,k as P}from"./shared-house-house.js";import{a as b,b as $,c as k}from"./shared-i18n-en.js";import{a as g,b as s,e as p,k as f}from"./shared-lit-html-lit-html.js";import{a as w,b as y}from"./shared-ha-entities.js";var j={local:"mdi:home-lock",vouched:"mdi:account-check",unknown:"mdi:help-rhombus-outline",not_local:"mdi:cloud-alert"};function H(i,e){let n=e?.state??"unknown";return{state:n,icon:j[n],word:i.text(`locality.${n}`),engines:(e?.engines??[]).map(t=>({state:t.state,icon:j[t.state],role:i.one("locality.role",t.role,"locality.role.engine"),name:t.engine||i.text("locality.no_engine"),why:I(i,t)}))}}function I(i,e){return e.state==="vouched"&&e.word_of!==null&&e.word_given!==null?i.text("locality.word_of",{name:e.word_of,day:i.shortDay(e.word_given)}):i.one("locality.why",e.reason,"locality.why.not_proven")}var D=5,A={value:null,error:null},m=class{listens=A;check=A;#o;#t;#e=null;#n=0;#i=0;constructor(e,n){this.#o=e,this.#t=n}start(){this.#e??=this.#o.listen({changed:()=>this.#a(),event:e=>this.#c(e)}),this.#a()}stop(){this.#e?.(),this.#e=null,this.#i+=1,this.#n=0}get isChecking(){return this.check.value?.running===!0}async runCheck(){await this.#s(!0)}#a(){let{state:e,epoch:n}=this.#o.view;e==="ready"&&n!==this.#n&&(this.#n=n,this.#i+=1,this.#r(),this.#s(!1)),this.#t()}#c(e){e.event==="listened"?this.#r():e.event==="deletion_check"&&this.#s(!1)}async#r(){await this.#l(()=>this.#o.api.listens(D),e=>{this.listens=e})}async#s(e){await this.#l(()=>this.#o.api.deletionCheck(e),n=>{this.check=n})}async#l(e,n){let t=this.#i,o;try{o={value:await e(),error:null}}catch(a){o={value:null,error:f(a)}}t===this.#i&&(n(o),this.#t())}};var G='.head{display:flex;flex-wrap:wrap;gap:8px;align-items:center}h2{flex:1 1 160px}.guests{display:flex;flex-wrap:wrap;gap:8px 16px;align-items:center;justify-content:space-between;padding:12px;border-radius:12px;background:color-mix(in srgb,var(--earshot-accent) 12%,transparent)}.guests p{display:flex;flex:1 1 200px;gap:8px;align-items:center}.choices{display:flex;flex-wrap:wrap;gap:8px}ul{display:grid;margin:0;padding:0;list-style:none}.rooms>li{display:grid;grid-template-columns:minmax(0,1fr);padding:4px 0}.rooms>li+li{border-top:1px solid var(--earshot-line)}.rooms>li>button{align-self:start;margin:0 0 8px 56px}summary{display:flex;gap:12px;align-items:center;min-height:44px;border-radius:12px;cursor:pointer;list-style:none}summary::-webkit-details-marker{display:none}summary:focus-visible{outline:2px solid var(--earshot-accent)}.rooms summary{display:grid;grid-template:"mic name more" auto "mic place more" auto / 44px minmax(0,1fr) 20px;gap:4px 12px;padding:8px 0}.more{--mdc-icon-size: 20px;flex:none;grid-area:more;color:var(--earshot-quiet)}details[open]>summary .more{transform:rotate(180deg)}.mic{--tone: var(--earshot-warn);display:grid;grid-area:mic;place-items:center;align-self:start;width:44px;height:44px;border:2px solid color-mix(in srgb,var(--tone) 70%,var(--earshot-text));border-radius:50%;background:color-mix(in srgb,var(--tone) 14%,transparent)}.mic.closed{--tone: var(--earshot-good)}.mic.open{--tone: var(--earshot-accent)}.mic.unverified{border-style:dashed}.name{display:flex;flex-direction:column;grid-area:name;min-width:0}.name b{font-weight:500}.place{--tone: var(--earshot-warn);display:inline-flex;gap:6px;grid-area:place;align-items:center;justify-self:start;padding:2px 10px 2px 8px;border:1px solid color-mix(in srgb,var(--tone) 60%,var(--earshot-text));border-radius:14px;background:color-mix(in srgb,var(--tone) 10%,transparent);font-size:var(--ha-font-size-s, 12px)}.place.local{--tone: var(--earshot-good)}.place.vouched{--tone: var(--earshot-accent)}.place.not_local{--tone: var(--earshot-bad)}.place.unknown{border-style:dashed}.place ha-icon{--mdc-icon-size: 18px}.about{padding:4px 0 12px 56px}.about ul{gap:8px}.rooms .about li{display:flex;gap:8px;align-items:flex-start;min-width:0;overflow-wrap:anywhere}.about ha-icon,.group ha-icon{--mdc-icon-size: 20px;flex:none}.about b{font-weight:500}.halves{display:grid;gap:24px}section:not(.changes){display:flex;flex-direction:column;gap:10px;align-items:stretch;min-width:0}section>.button{align-self:flex-start}.lines{gap:8px}.group .lines{padding:4px 0 8px 32px}.group summary span{flex:1}.verdict{--tone: var(--earshot-text);display:flex;gap:12px;align-items:center;padding:12px;border-radius:12px;background:color-mix(in srgb,var(--tone) 8%,transparent)}.verdict ha-icon{flex:none}.verdict.good{--tone: var(--earshot-good)}.verdict.warn{--tone: var(--earshot-warn)}.verdict.bad{--tone: var(--earshot-bad)}code{align-self:flex-start;padding:4px 8px;border-radius:6px;background:color-mix(in srgb,var(--earshot-text) 8%,transparent)}@container card (width >= 600px){.halves{grid-template-columns:1fr 1fr}.rooms summary{grid-template:"mic name place more" auto / 44px minmax(0,1fr) auto 20px;min-height:64px}.rooms>li{grid-template-columns:minmax(0,1fr) 136px;column-gap:12px}.rooms>li>button{margin:10px 0}}';function M(i,e,n){let{house:t}=e;if(!t.vault)return[{icon:"mdi:safe",label:i.text("privacy.captures"),value:i.text("error.vault_closed")}];let o=i.text("privacy.none"),a=t.next_expiry;return[{icon:"mdi:safe",label:i.text("privacy.captures"),value:t.captures===0?o:`${i.number(t.captures)} · ${i.bytes(t.bytes)}`},{icon:"mdi:calendar-start",label:i.text("privacy.oldest"),value:t.oldest===null?o:i.dayTime(t.oldest,n)},{icon:"mdi:calendar-remove",label:i.text("privacy.next"),value:a!==null?i.dayTime(a,n):t.captures===0?o:i.text("capture.stays")}]}function U(i,e){if(e.listeners.length===0)return i.text("privacy.no_listeners");let n=e.listeners.map(t=>t.name??i.text("capture.someone"));return i.text("privacy.listeners",{names:i.list(n)})}function B(i,e,n,t){let o=n.find(r=>r.room_id===e.room_id)?.name,a=e.user??i.text("capture.someone"),l=i.one("listen",e.verb,"listen.somehow",{name:a});return[i.dayTime(e.when,t),o,l].filter(Boolean).join(" · ")}var F={clean:["good","mdi:shield-check-outline"],found:["bad","mdi:shield-remove-outline"],copies:["warn","mdi:content-copy"],incomplete:["warn","mdi:shield-half-full"],nothing:["none","mdi:shield-outline"]},V=[["found","mdi:alert-circle-outline"],["unchecked","mdi:eye-off-outline"],["clean","mdi:check-circle-outline"]];function q(i,e,n){let t=e?.last??null;if(t===null)return{tone:"none",icon:"mdi:shield-search",verdict:i.text("check.never"),when:"",groups:[]};let o=t.report?.verdict??"",[a,l]=F[o]??["warn","mdi:help-circle-outline"];return{tone:a,icon:l,verdict:i.one("check",o,"check.failed"),when:i.dayTime(t.when,n),groups:V.map(([r,c])=>({title:i.text(`check.group.${r}`),icon:c,places:(t.report?.places??[]).filter(d=>d.state===r).map(d=>({name:i.one("place",d.place,"place.unknown",{key:d.place}),why:d.why===null?"":i.one("place_why",d.why,"place_why.unknown")}))})).filter(r=>r.places.length>0)}}function N(i,e,n){return E(e).map(t=>({...W(i,t,n),where:e.rooms.find(o=>o.room_id===t.room_id)?.name??i.text("change.whole_house")}))}var J="earshot-privacy",Q=[4,12,24,72],X=36e5,z=3e4,Y=50,Z=1e3,v=class extends ${static styles=[b,C,T,g(G)];layout;preview=!1;#o=null;#t=null;#e=new _(()=>this.requestUpdate());#n=!1;#i=null;#a=null;setConfig(e){this.#o=e,this.requestUpdate()}enter(e){let n=()=>this.requestUpdate();this.#t=new m(e,n),this.#t.start(),document.addEventListener("visibilitychange",n),this.#a=()=>document.removeEventListener("visibilitychange",n)}leave(){this.#t?.stop(),this.#t=null,this.#a?.(),this.#d(null)}render(){let{words:e,house:n}=this,t=this.#t;if(!e||!n||!t)return s`<ha-card></ha-card>`;let{overview:o,state:a,error:l}=n.view,r=this.#o?.title??e.text("privacy.title");if(!o||o.rooms.length===0)return s`<ha-card>${S(e,o?"no_rooms":a==="ready"?"loading":a,l)}</ha-card>`;let c=Date.now();return this.#d(n),s`
      <ha-card>
        <div class="all">
          ${this.#c(e,r,o,a==="ready")}
          ${this.#r(e,n,o,c,a==="ready")}
          ${L(e,N(e,o,c))}
          <div class="halves">
            <section>
              <h3>${e.text("privacy.kept")}</h3>
              <dl>
                ${M(e,o,c).map(d=>s`<div>
                    <dt><ha-icon .icon=${d.icon}></ha-icon>${d.label}</dt>
                    <dd>${d.value}</dd>
                  </div>`)}
              </dl>
            </section>
            ${this.#p(e,t,o,c)}
          </div>
          <div class="halves">${this.#u(e,t,c)} ${te(e)}</div>
        </div>
      </ha-card>
    `}#c(e,n,t,o){let{guest_until:a}=t.house,l=this.#e.error??this.house?.view.error,r=t.rooms.every(c=>c.muted);return s`
      <div class="head">
        <h2>${n}</h2>
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
              aria-expanded=${this.#n}
              ?disabled=${!o||this.#e.isBusy("guest")}
              @click=${this.#y}
            >
              <ha-icon .icon=${"mdi:account-group-outline"}></ha-icon>
              ${e.text("guest.title")}
            </button>`:p}
      </div>
      ${this.#n&&a===null?s`<div class="guests" role="group" aria-label=${e.text("guest.how_long")}>
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
    `}#r(e,n,t,o,a){return s`<ul class="rooms" aria-label=${e.text("privacy.rooms")}>
      ${x(t.rooms,l=>l.room_id,l=>this.#s(e,n,l,o,a))}
    </ul>`}#s(e,n,t,o,a){let l=O(e,n.microphone(t),o),r=H(e,t.locality),c=P(e,t,n.muteLeftS(t)),d=t.muted===!0;return s`
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
                <span>${U(e,t)}</span>
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
    `}#l(e,n){let t=this.#e.isBusy(e.room_id);return!n||t||e.muted===null||e.muted_at_device===!0}#p(e,n,t,o){let{value:a,error:l}=n.listens;return s`<section>
      <h3>${e.text("privacy.listened")}</h3>
      ${a===null?s`<p>${l?e.error(l):e.text("loading.text")}</p>`:a.length===0?s`<p>${e.text("privacy.nobody")}</p>`:s`<ul class="lines">
              ${a.map(r=>s`<li>${B(e,r,t.rooms,o)}</li>`)}
            </ul>`}
    </section>`}#u(e,n,t){let{value:o,error:a}=n.check,l=q(e,o,t),r=a===null&&o!==null;return s`<section>
      <h3>${e.text("check.title")}</h3>
      ${r?ee(e,l):s`<p>${a?e.error(a):e.text("loading.text")}</p>`}
      <button
        class="button outlined"
        ?disabled=${!r||n.isChecking||this.#e.isBusy("check")}
        @click=${()=>this.#e.run("check",()=>n.runCheck())}
      >
        ${e.text(n.isChecking?"check.running":"check.do")}
      </button>
    </section>`}#h=()=>{let{muteAll:e}=y(this.hass?.entities);this.#e.run("all",async()=>this.house?.api.press(h(e)))};#m(e){let{mute:n}=w(this.hass?.entities,e.device_id??"");this.#e.run(e.room_id,async()=>this.house?.api.mute(h(n),e.muted!==!0))}#y=()=>{this.#n=!this.#n,this.requestUpdate()};#v(e){this.#n=!1,this.#e.run("guest",async()=>this.house?.api.beginGuestMode(e))}#g=()=>{let{guestMode:e}=y(this.hass?.entities);this.#e.run("guest",async()=>this.house?.api.turnOff(h(e)))};#d(e){if(this.#i!==null&&(clearTimeout(this.#i),this.#i=null),e){let n=(e.view.overview?.rooms??[]).map(t=>{let o=e.validS(t)*1e3;return o>0?o+Y:t.microphone.state?Z:z});this.#i=setTimeout(()=>this.requestUpdate(),Math.min(z,...n))}}};function ee(i,e){return s`
    <p class="verdict ${e.tone}">
      <ha-icon .icon=${e.icon}></ha-icon>
      <span>${e.verdict}<small>${e.when}</small></span>
    </p>
    ${e.groups.map(n=>s`<details class="group">
        <summary>
          <ha-icon .icon=${n.icon}></ha-icon>
          <span>${n.title}: ${i.number(n.places.length)}</span>
          <ha-icon class="more" .icon=${"mdi:chevron-down"}></ha-icon>
        </summary>
        <ul class="lines">
          ${n.places.map(t=>s`<li>${t.name}${t.why?s`<small>${t.why}</small>`:p}</li>`)}
        </ul>
      </details>`)}
  `}function te(i){return s`<section>
    <h3>${i.text("airgap.title")}</h3>
    <p class="verdict none">
      <ha-icon .icon=${"mdi:lan-disconnect"}></ha-icon>
      <span>${i.text("airgap.not_here")}<small>${i.text("airgap.why")}</small></span>
    </p>
    <code>./scripts/airgap</code>
  </section>`}k(J,v);export{v as PrivacyElement,J as element};
