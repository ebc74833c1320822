import{a as _}from"./shared-lit-html-directives-repeat.js";import{a as L,b as h,c as C,d as S,e as T,f as W,g as E,h as R,i as O,j as P,k as j}from"./shared-house-house.js";import{b as x,c as b,d as $,e as k}from"./shared-i18n-en.js";import{a as g,b as r,e as p,k as f}from"./shared-lit-html-lit-html.js";import{a as w,b as y}from"./shared-ha-entities.js";var H={local:"mdi:home-lock",vouched:"mdi:account-check",unknown:"mdi:help-rhombus-outline",not_local:"mdi:cloud-alert"};function M(o,e){let n=e?.state??"unknown";return{state:n,icon:H[n],word:o.text(`locality.${n}`),engines:(e?.engines??[]).map(t=>({state:t.state,icon:H[t.state],role:o.one("locality.role",t.role,"locality.role.engine"),name:t.engine||o.text("locality.no_engine"),why:F(o,t)}))}}function F(o,e){return e.state==="vouched"&&e.word_of!==null&&e.word_given!==null?o.text("locality.word_of",{name:e.word_of,day:o.shortDay(e.word_given)}):o.one("locality.why",e.reason,"locality.why.not_proven")}var V=5,A={value:null,error:null},m=class{listens=A;check=A;#o;#t;#e=null;#n=0;#i=0;#a;#s=0;constructor(e,n,t=()=>performance.now()){this.#o=e,this.#t=n,this.#a=t}start(){this.#e??=this.#o.listen({changed:()=>this.#l(),event:e=>this.#p(e)}),this.#l()}stop(){this.#e?.(),this.#e=null,this.#i+=1,this.#n=0}get checkWaitS(){return Math.max(0,this.#s-this.#a())/1e3}async runCheck(){await this.#r(!0)}#l(){let{state:e,epoch:n}=this.#o.view;e==="ready"&&n!==this.#n&&(this.#n=n,this.#i+=1,this.#c(),this.#r(!1)),this.#t()}#p(e){e.event==="listened"?this.#c():e.event==="deletion_check"&&this.#r(!1)}async#c(){await this.#d(()=>this.#o.api.listens(V),e=>{this.listens=e})}async#r(e){await this.#d(()=>this.#o.api.deletionCheck(e),n=>{this.check=n,this.#s=this.#a()+(n.value?.wait_s??0)*1e3})}async#d(e,n){let t=this.#i,i;try{i={value:await e(),error:null}}catch(a){i={value:null,error:f(a)}}t===this.#i&&(n(i),this.#t())}};var G='.head{display:flex;flex-wrap:wrap;gap:8px;align-items:center}h2{flex:1 1 160px}.guests{display:flex;flex-wrap:wrap;gap:8px 16px;align-items:center;justify-content:space-between;padding:12px;border-radius:12px;background:color-mix(in srgb,var(--earshot-accent) 12%,transparent)}.guests p{display:flex;flex:1 1 200px;gap:8px;align-items:center}.choices{display:flex;flex-wrap:wrap;gap:8px}ul{display:grid;margin:0;padding:0;list-style:none}.rooms>li{display:grid;grid-template-columns:minmax(0,1fr);padding:4px 0}.rooms>li+li{border-top:1px solid var(--earshot-line)}.rooms>li>button{align-self:start;margin:0 0 8px 56px}summary{display:flex;gap:12px;align-items:center;min-height:44px;border-radius:12px;cursor:pointer;list-style:none}summary::-webkit-details-marker{display:none}summary:focus-visible{outline:2px solid var(--earshot-accent)}.rooms summary{display:grid;grid-template:"mic name more" auto "mic place more" auto / 44px minmax(0,1fr) 20px;gap:4px 12px;padding:8px 0}.more{--mdc-icon-size: 20px;flex:none;grid-area:more;color:var(--earshot-quiet)}details[open]>summary .more{transform:rotate(180deg)}.mic{--tone: var(--earshot-warn);display:grid;grid-area:mic;place-items:center;align-self:start;width:44px;height:44px;border:2px solid color-mix(in srgb,var(--tone) 70%,var(--earshot-text));border-radius:50%;background:color-mix(in srgb,var(--tone) 14%,transparent)}.mic.closed{--tone: var(--earshot-good)}.mic.open{--tone: var(--earshot-accent)}.mic.unverified{border-style:dashed}.name{display:flex;flex-direction:column;grid-area:name;min-width:0}.name b{font-weight:500}.place{--tone: var(--earshot-warn);display:inline-flex;gap:6px;grid-area:place;align-items:center;justify-self:start;padding:2px 10px 2px 8px;border:1px solid color-mix(in srgb,var(--tone) 60%,var(--earshot-text));border-radius:14px;background:color-mix(in srgb,var(--tone) 10%,transparent);font-size:var(--ha-font-size-s, 12px)}.place.local{--tone: var(--earshot-good)}.place.vouched{--tone: var(--earshot-accent)}.place.not_local{--tone: var(--earshot-bad)}.place.unknown{border-style:dashed}.place ha-icon{--mdc-icon-size: 18px}.about{padding:4px 0 12px 56px}.about ul{gap:8px}.rooms .about li{display:flex;gap:8px;align-items:flex-start;min-width:0;overflow-wrap:anywhere}.about ha-icon,.group ha-icon{--mdc-icon-size: 20px;flex:none}.about b{font-weight:500}.halves{display:grid;gap:24px}section:not(.changes){display:flex;flex-direction:column;gap:10px;align-items:stretch;min-width:0}section>.button{align-self:flex-start}.lines{gap:8px}.group .lines{padding:4px 0 8px 32px}.group summary span{flex:1}.verdict{--tone: var(--earshot-text);display:flex;gap:12px;align-items:center;padding:12px;border-radius:12px;background:color-mix(in srgb,var(--tone) 8%,transparent)}.verdict ha-icon{flex:none}.verdict.good{--tone: var(--earshot-good)}.verdict.warn{--tone: var(--earshot-warn)}.verdict.bad{--tone: var(--earshot-bad)}code{align-self:flex-start;padding:4px 8px;border-radius:6px;background:color-mix(in srgb,var(--earshot-text) 8%,transparent)}@container card (width >= 600px){.halves{grid-template-columns:1fr 1fr}.rooms summary{grid-template:"mic name place more" auto / 44px minmax(0,1fr) auto 20px;min-height:64px}.rooms>li{grid-template-columns:minmax(0,1fr) 136px;column-gap:12px}.rooms>li>button{margin:10px 0}}';function B(o,e,n){let{house:t}=e;if(!t.vault)return[{icon:"mdi:safe",label:o.text("privacy.captures"),value:o.text("error.vault_closed")}];let i=o.text("privacy.none"),a=t.next_expiry;return[{icon:"mdi:safe",label:o.text("privacy.captures"),value:t.captures===0?i:`${o.number(t.captures)} · ${o.bytes(t.bytes)}`},{icon:"mdi:calendar-start",label:o.text("privacy.oldest"),value:t.oldest===null?i:o.dayTime(t.oldest,n)},{icon:"mdi:calendar-remove",label:o.text("privacy.next"),value:a!==null?o.dayTime(a,n):t.captures===0?i:o.text("capture.stays")}]}function U(o,e){if(e.listeners.length===0)return o.text("privacy.no_listeners");let n=e.listeners.map(t=>t.name??o.text("capture.someone"));return o.text("privacy.listeners",{names:o.list(n)})}function N(o,e,n,t){let i=n.find(c=>c.room_id===e.room_id)?.name,a=e.user??o.text("capture.someone"),s=o.one("listen",e.verb,"listen.somehow",{name:a}),l=e.count!==null&&e.count>1?` (${o.number(e.count)}×)`:"";return[o.dayTime(e.when,t),i,s+l].filter(Boolean).join(" · ")}function q(o,e,n){return e?.running?{label:o.text("check.running"),enabled:!1}:n>0?{label:o.text("check.wait",{seconds:Math.ceil(n)}),enabled:!1}:{label:o.text("check.do"),enabled:e!==null}}var Q={clean:["good","mdi:shield-check-outline"],found:["bad","mdi:shield-remove-outline"],copies:["warn","mdi:content-copy"],incomplete:["warn","mdi:shield-half-full"],nothing:["none","mdi:shield-outline"]},X=[["found","mdi:alert-circle-outline"],["unchecked","mdi:eye-off-outline"],["clean","mdi:check-circle-outline"]];function z(o,e,n){let t=e?.last??null;if(t===null)return{tone:"none",icon:"mdi:shield-search",verdict:o.text("check.never"),when:"",groups:[]};let i=t.report?.verdict??"",[a,s]=Q[i]??["warn","mdi:help-circle-outline"];return{tone:a,icon:s,verdict:o.one("check",i,"check.failed"),when:o.dayTime(t.when,n),groups:X.map(([l,c])=>({title:o.text(`check.group.${l}`),icon:c,places:(t.report?.places??[]).filter(d=>d.state===l).map(d=>({name:o.one("place",d.place,"place.unknown",{key:d.place}),why:d.why===null?"":o.one("place_why",d.why,"place_why.unknown")}))})).filter(l=>l.places.length>0)}}function D(o,e,n){return R(e).map(t=>({...O(o,t,n),where:e.rooms.find(i=>i.room_id===t.room_id)?.name??o.text("change.whole_house")}))}var Y="earshot-privacy",Z=[4,12,24,72],ee=36e5,I=3e4,te=50,K=1e3,v=class extends ${static styles=[b,T,S,g(G)];layout;preview=!1;#o=null;#t=null;#e=new L(()=>this.requestUpdate());#n=!1;#i=new x;#a=null;setConfig(e){this.#o=e,this.requestUpdate()}enter(e){let n=()=>this.requestUpdate();this.#t=new m(e,n),this.#t.start(),document.addEventListener("visibilitychange",n),this.#a=()=>document.removeEventListener("visibilitychange",n)}leave(){this.#t?.stop(),this.#t=null,this.#a?.(),this.#i.stop()}render(){let{words:e,house:n}=this,t=this.#t;if(!e||!n||!t)return r`<ha-card></ha-card>`;let{overview:i,state:a,error:s}=n.view,l=this.#o?.title??e.text("privacy.title");if(!i||i.rooms.length===0)return r`<ha-card>${W(e,i?"no_rooms":a==="ready"?"loading":a,s)}</ha-card>`;let c=Date.now();return this.#g(n,t),r`
      <ha-card>
        <div class="all">
          ${this.#s(e,l,i,a==="ready")}
          ${this.#l(e,n,i,c,a==="ready")}
          ${C(e,D(e,i,c))}
          <div class="halves">
            <section>
              <h3>${e.text("privacy.kept")}</h3>
              <dl>
                ${B(e,i,c).map(d=>r`<div>
                    <dt><ha-icon .icon=${d.icon}></ha-icon>${d.label}</dt>
                    <dd>${d.value}</dd>
                  </div>`)}
              </dl>
            </section>
            ${this.#r(e,t,i,c)}
          </div>
          <div class="halves">${this.#d(e,t,c)} ${oe(e)}</div>
        </div>
      </ha-card>
    `}#s(e,n,t,i){let{guest_until:a}=t.house,s=this.#e.error??this.house?.view.error,l=t.rooms.every(c=>c.muted);return r`
      <div class="head">
        <h2>${n}</h2>
        <button
          class="button outlined"
          aria-disabled=${!i||l||this.#e.isBusy("all")}
          @click=${this.#u}
        >
          <ha-icon .icon=${"mdi:microphone-off"}></ha-icon>
          ${e.text(l?"privacy.all_muted":"privacy.mute_all")}
        </button>
        <span class="hidden" role="status"
          >${l?e.text("privacy.all_muted"):p}</span
        >
        ${a===null?r`<button
              class="button outlined"
              aria-expanded=${this.#n}
              ?disabled=${!i||this.#e.isBusy("guest")}
              @click=${this.#m}
            >
              <ha-icon .icon=${"mdi:account-group-outline"}></ha-icon>
              ${e.text("guest.title")}
            </button>`:p}
      </div>
      ${this.#n&&a===null?r`<div class="guests" role="group" aria-label=${e.text("guest.how_long")}>
            <p>${e.text("guest.text")}</p>
            <div class="choices">
              ${Z.map(c=>r`<button
                  class="button filled"
                  @click=${()=>this.#y(c)}
                >
                  ${e.duration(c*ee)}
                </button>`)}
            </div>
          </div>`:p}
      ${a===null?p:r`<div class="guests" role="status">
            <p>
              <ha-icon .icon=${"mdi:account-group"}></ha-icon>
              ${e.text("guest.on",{time:e.dayTime(a,Date.now())})}
            </p>
            <button
              class="button outlined"
              ?disabled=${!i||this.#e.isBusy("guest")}
              @click=${this.#v}
            >
              ${e.text("guest.end")}
            </button>
          </div>`}
      ${s?r`<p class="error" role="alert">${e.error(s)}</p>`:p}
    `}#l(e,n,t,i,a){return r`<ul class="rooms" aria-label=${e.text("privacy.rooms")}>
      ${_(t.rooms,s=>s.room_id,s=>this.#p(e,n,s,i,a))}
    </ul>`}#p(e,n,t,i,a){let s=P(e,n.microphone(t),i),l=M(e,t.locality),c=j(e,t,n.muteLeftS(t)),d=t.muted===!0;return r`
      <li>
        <details>
          <summary>
            <span class="mic ${s.shown}">
              <ha-icon .icon=${s.icon}></ha-icon>
            </span>
            <span class="name">
              <b>${t.name}</b>
              <span>${[s.word,s.detail].filter(Boolean).join(" · ")}</span>
              ${c?r`<span>${c}</span>`:p}
            </span>
            <span class="place ${l.state}">
              <ha-icon .icon=${l.icon}></ha-icon>${l.word}
            </span>
            <ha-icon class="more" .icon=${"mdi:chevron-down"}></ha-icon>
          </summary>
          <div class="about">
            <ul>
              ${l.engines.map(u=>r`<li class=${u.state}>
                  <ha-icon .icon=${u.icon}></ha-icon>
                  <span><b>${u.role}</b> ${u.name}: ${u.why}</span>
                </li>`)}
              ${l.engines.length===0?r`<li>
                    <ha-icon .icon=${l.icon}></ha-icon>
                    <span>${e.text("locality.not_judged")}</span>
                  </li>`:p}
              <li>
                <ha-icon .icon=${"mdi:ear-hearing"}></ha-icon>
                <span>${U(e,t)}</span>
              </li>
              <li>
                <ha-icon .icon=${"mdi:history"}></ha-icon>
                <span>${e.text("privacy.room_kept",{count:e.number(t.captures),rule:E(e,t)})}</span>
              </li>
            </ul>
          </div>
        </details>
        <button
          class="button outlined"
          aria-label=${e.text(d?"mute.room_off":"mute.room_on",{room:t.name})}
          ?disabled=${this.#c(t,a)}
          @click=${()=>this.#h(t)}
        >
          ${e.text(d?"mute.off":"mute.on")}
        </button>
      </li>
    `}#c(e,n){let t=this.#e.isBusy(e.room_id);return!n||t||e.muted===null||e.muted_at_device===!0}#r(e,n,t,i){let{value:a,error:s}=n.listens;return r`<section>
      <h3>${e.text("privacy.listened")}</h3>
      ${a===null?r`<p>${s?e.error(s):e.text("loading.text")}</p>`:a.length===0?r`<p>${e.text("privacy.nobody")}</p>`:r`<ul class="lines">
              ${a.map(l=>r`<li>${N(e,l,t.rooms,i)}</li>`)}
            </ul>`}
    </section>`}#d(e,n,t){let{value:i,error:a}=n.check,s=z(e,i,t),l=a===null&&i!==null,c=q(e,i,n.checkWaitS);return r`<section>
      <h3>${e.text("check.title")}</h3>
      ${l?ne(e,s):r`<p>${a?e.error(a):e.text("loading.text")}</p>`}
      <button
        class="button outlined"
        ?disabled=${!c.enabled||this.#e.isBusy("check")}
        @click=${()=>this.#e.run("check",()=>n.runCheck())}
      >
        ${c.label}
      </button>
    </section>`}#u=e=>{if(e.currentTarget.ariaDisabled==="true")return;let{muteAll:n}=y(this.hass?.entities);this.#e.run("all",async()=>this.house?.api.press(h(n)))};#h(e){let{mute:n}=w(this.hass?.entities,e.device_id??"");this.#e.run(e.room_id,async()=>this.house?.api.mute(h(n),e.muted!==!0))}#m=()=>{this.#n=!this.#n,this.requestUpdate()};#y(e){this.#n=!1,this.#e.run("guest",async()=>this.house?.api.beginGuestMode(e))}#v=()=>{let{guestMode:e}=y(this.hass?.entities);this.#e.run("guest",async()=>this.house?.api.turnOff(h(e)))};#g(e,n){let t=(e.view.overview?.rooms??[]).map(a=>{let s=e.validS(a)*1e3;return s>0?s+te:a.microphone.state?K:I}),i=n.checkWaitS>0?K:I;this.#i.after("tick",Math.min(i,...t),()=>this.requestUpdate())}};function ne(o,e){return r`
    <p class="verdict ${e.tone}">
      <ha-icon .icon=${e.icon}></ha-icon>
      <span>${e.verdict}<small>${e.when}</small></span>
    </p>
    ${e.groups.map(n=>r`<details class="group">
        <summary>
          <ha-icon .icon=${n.icon}></ha-icon>
          <span>${n.title}: ${o.number(n.places.length)}</span>
          <ha-icon class="more" .icon=${"mdi:chevron-down"}></ha-icon>
        </summary>
        <ul class="lines">
          ${n.places.map(t=>r`<li>${t.name}${t.why?r`<small>${t.why}</small>`:p}</li>`)}
        </ul>
      </details>`)}
  `}function oe(o){return r`<section>
    <h3>${o.text("airgap.title")}</h3>
    <p class="verdict none">
      <ha-icon .icon=${"mdi:lan-disconnect"}></ha-icon>
      <span>${o.text("airgap.not_here")}<small>${o.text("airgap.why")}</small></span>
    </p>
    <code>./scripts/airgap</code>
  </section>`}k(Y,v);export{v as PrivacyElement,Y as element};
